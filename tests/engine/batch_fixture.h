// SPDX-License-Identifier: MIT
// Models of every kind that can generate texts together, and texts for them.
#pragma once

#include "engine/base/random.h"
#include "engine/generate/batch_generator.h"
#include "tests/engine/model_fixture.h"

#include <QString>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::tests {

/// A model and how it is run.
struct Subject {
    models::LanguageModel model;
    settings::RoutingSettings routing;
};

inline Subject randomSubject(const std::string& kind) {
    settings::RoutingSettings routing;
    spec::LanguageSpec config = smallMor(spec::RouterType::Expert);
    if (kind == "llama") {
        config = smallConfig();
    } else if (kind == "token" || kind == "token share" || kind == "token capped") {
        config = smallMor(spec::RouterType::Token);
        routing.kv = kind == "token share" ? settings::KvPolicy::Share : settings::KvPolicy::Model;
        routing.maxDepth = kind == "token capped" ? 2 : 0;
    } else if (kind == "share" || kind == "hybrid") {
        routing.kv = kind == "share" ? settings::KvPolicy::Share : settings::KvPolicy::Hybrid;
    } else if (kind == "mqa, cycle, own head") {
        config = smallMor(spec::RouterType::Expert, 2, spec::Sharing::Cycle);
        config.kvHeads = 1;
        config.tiedHead = false;
    } else if (kind == "aux") {
        config.mor.scoreTraining = spec::ScoreTraining::AuxRouter;
        routing.rule = settings::Rule::Aux;
    } else if (kind == "fixed") {
        routing.rule = settings::Rule::Fixed;
        routing.fixedDepth = 2;
    } else if (kind == "mlp router, tanh") {
        config.mor.net = spec::RouterNet::Mlp;
        config.mor.function = spec::RouterFunction::Tanh;
    } else if (kind == "recursive cycle") {
        config = smallRecursive(spec::Sharing::MiddleCycle);
    } else if (kind == "recursive sequence") {
        config = smallRecursive(spec::Sharing::MiddleSequence);
        routing.kv = settings::KvPolicy::Share;
    } else if (kind == "biased") {
        config.attentionBias = config.mlpBias = true;
    }
    return {randomModel(config), routing};
}

inline Subject subjectOf(const QString& kind) {
    if (kind.startsWith("fixture ")) {
        io::LoadedModel loaded = io::loadModel(fixtureFolder(kind.mid(8).toStdString()), {});
        return {std::move(*loaded.model), {}};
    }
    if (kind.startsWith("demo-")) {
        io::LoadedModel loaded = io::loadModel(std::filesystem::path(DEPTHSCOPE_SOURCE_DIR) /
                                                   "resources/models" / kind.toStdString(),
                                               {});
        return {std::move(*loaded.model), {}};
    }
    return randomSubject(kind.toStdString());
}

inline spec::ResolvedRouting routingOf(const Subject& subject) {
    return spec::resolveRouting(subject.model.config(), subject.routing,
                                spec::RoutingUse::Generation);
}

inline std::vector<generate::BatchText>
someTexts(const Subject& subject, std::size_t count, double temperature) {
    SplitMix random(11);
    const auto vocabulary = static_cast<std::uint64_t>(subject.model.config().vocabulary);
    std::vector<generate::BatchText> texts(count);
    for (std::size_t i = 0; i < count; ++i) {
        texts[i].number = i;
        for (std::uint64_t t = random.next() % 20 + 1; t > 0; --t) {
            texts[i].ids.push_back(static_cast<std::int32_t>(random.next() % vocabulary));
        }
        texts[i].generation.count = 1 + static_cast<int>(random.next() % 24);
        texts[i].generation.temperature = temperature;
        texts[i].generation.seed = 100 + i;
    }
    return texts;
}

} // namespace depthscope::tests

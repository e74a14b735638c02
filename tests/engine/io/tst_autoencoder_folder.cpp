// SPDX-License-Identifier: MIT
// An autoencoder's folder: comes back bit for bit; damaged configurations and weights are refused
// by name; and what is said of the folder without its weights.
#include "engine/base/error.h"
#include "engine/io/autoencoder_folder.h"
#include "engine/io/safetensors.h"
#include "engine/spec/autoencoder_preset.h"
#include "engine/spec/families.h"
#include "engine/spec/preset_info.h"
#include "tests/engine/models/small_autoencoder.h"

#include <nlohmann/json.hpp>

#include <QtTest>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

using namespace depthscope;
using namespace depthscope::tests;

namespace {

struct Folder {
    QTemporaryDir root;
    std::filesystem::path path = std::filesystem::path(root.path().toStdString()) / "small";

    Folder() {
        models::Autoencoder model = busyAutoencoder(smallAutoencoder(), at::kFloat);
        io::saveModel(model, path, at::kFloat);
    }

    void setConfig(const char* field, const nlohmann::json& value) const {
        nlohmann::json config = nlohmann::json::parse(std::ifstream(path / "config.json"));
        if (value.is_null()) {
            config.erase(field);
        } else {
            config[field] = value;
        }
        std::ofstream(path / "config.json") << config;
    }
};

/// What it is refused with; empty: it is not.
std::string refusal(const std::function<void()>& act, ErrorCode code = ErrorCode::BadInput) {
    try {
        act();
    } catch (const Error& error) {
        return error.code() == code && !error.hint().empty() ? error.message() + " " + error.hint()
                                                             : "another kind: " + error.message();
    }
    return {};
}

std::string refusalToLoad(const Folder& folder) {
    return refusal([&] { static_cast<void>(io::loadAutoencoder(folder.path, {})); });
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

} // namespace

class TestAutoencoderFolder : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void comesBack() {
        const Folder folder;
        models::Autoencoder model = busyAutoencoder(smallAutoencoder(), at::kFloat);
        io::LoadedAutoencoder loaded = io::loadAutoencoder(folder.path, {});
        const auto before = models::weightsOf(model.spec(), model.weights());
        const auto after = models::weightsOf(loaded.model->spec(), loaded.model->weights());
        QCOMPARE(after.size(), before.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            QCOMPARE(after[i].key, before[i].key);
            QVERIFY2(at::equal(after[i].tensor, before[i].tensor), before[i].key.c_str());
        }
        QCOMPARE(loaded.info->family, std::string("video_autoencoder"));
        QCOMPARE(loaded.info->name, std::string("small"));
        QVERIFY(loaded.info->clip.has_value());
        QVERIFY(loaded.info->clip->size == (spec::ClipSize{5, 8, 12}));
    }

    void isDescribedWithoutItsWeights() {
        const Folder folder;
        std::filesystem::remove(folder.path / "model.safetensors");
        const spec::ModelInfo info = spec::describeFolder(folder.path);
        QCOMPARE(info.family, std::string(spec::kAutoencoderFamily));
        QVERIFY(info.parameters > 0);
        QVERIFY(contains(info.notes.at(0), "to 18 numbers (2 x 3 x 3 in place of 8 x 12 x 3)"));
        const std::string message = refusalToLoad(folder);
        QVERIFY2(contains(message, "model.safetensors"), message.c_str());
    }

    void refusesDamagedConfigurations_data() {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("value"); // of JSON
        QTest::addColumn<QString>("says");
        QTest::newRow("missing") << "latent_channels"
                                 << "null"
                                 << "latent_channels is missing";
        QTest::newRow("text") << "halvings"
                              << "\"one\""
                              << "halvings";
        QTest::newRow("odd rows") << "clip_height"
                                  << "10"
                                  << "clip_height 10";
        QTest::newRow("odd columns") << "clip_width"
                                     << "13"
                                     << "clip_width 13";
        QTest::newRow("no channels") << "hidden_size"
                                     << "0"
                                     << "hidden_size is 0";
        QTest::newRow("many halvings") << "halvings"
                                       << "40"
                                       << "halvings is 40";
        QTest::newRow("no patch") << "patch_size"
                                  << "0"
                                  << "patch_size is 0";
        QTest::newRow("fraction") << "blocks"
                                  << "1.5"
                                  << "blocks";
        QTest::newRow("no smaller") << "latent_channels"
                                    << "48"
                                    << "latent_channels 48";
    }

    void refusesDamagedConfigurations() {
        QFETCH(QString, field);
        QFETCH(QString, value);
        QFETCH(QString, says);
        const Folder folder;
        folder.setConfig(field.toUtf8().constData(), nlohmann::json::parse(value.toStdString()));
        const std::string message = refusalToLoad(folder);
        QVERIFY2(contains(message, says.toUtf8().constData()), message.c_str());
        QVERIFY(contains(message, "config.json"));
    }

    /// Sizes are held against the file before memory is asked for.
    void refusesWeightsOfAnotherShape() {
        const Folder folder;
        folder.setConfig("hidden_size", 1024);
        const std::string message = refusalToLoad(folder);
        QVERIFY2(contains(message, "encoder.in.weight"), message.c_str());
        QVERIFY(contains(message, "model.safetensors"));
    }

    void refusesWeightsThatAreNotFinite() {
        const Folder folder;
        models::Autoencoder model = busyAutoencoder(smallAutoencoder(), at::kFloat);
        model.weights().decoder.gain[1].fill_(std::nan(""));
        io::saveModel(model, folder.path, at::kFloat);
        const std::string message = refusalToLoad(folder);
        QVERIFY2(contains(message, "decoder.norm.weight has values that are not finite"),
                 message.c_str());
    }

    /// Every value of every preset can be set, and makes the same preset of another.
    void presetsAreTheirFields() {
        for (const spec::AutoencoderPreset& preset : spec::autoencoderPresets()) {
            std::vector<settings::RecipeChange> changes;
            for (const settings::RecipeField& field : spec::recipeFields(preset)) {
                changes.push_back({field.name, field.value});
            }
            spec::AutoencoderPreset other = *spec::findAutoencoderPreset("video-ae-nano");
            spec::changeRecipe(other, changes);
            const auto wanted = spec::recipeFields(preset), made = spec::recipeFields(other);
            QCOMPARE(made.size(), wanted.size());
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                QCOMPARE(made[i].value, wanted[i].value);
            }
            const spec::PresetInfo info = spec::presetInfo(preset.name, {}, spec::NoEffect::Refuse);
            QCOMPARE(info.family, std::string(spec::kAutoencoderFamily));
            QVERIFY(info.macsPerClip > 0 && info.trainingBytes > 0 && info.parameters > 0);
        }
    }

    void refusesRecipesThatCannotBe() {
        for (const auto& [name, value] :
             {std::pair{"clip_height", "100"}, std::pair{"latent_channels", "0"},
              std::pair{"clips", "films"}, std::pair{"context_frames", "2"}}) {
            const std::string message = refusal(
                [&] {
                    spec::AutoencoderPreset preset = *spec::findAutoencoderPreset("video-ae-demo");
                    spec::changeRecipe(preset, {{name, value}});
                },
                ErrorCode::Usage);
            QVERIFY2(contains(message, name), message.c_str());
        }
    }

    /// The control has as many numbers as the latents, or a few more, never fewer.
    void controlHasAsManyNumbers() {
        for (const spec::AutoencoderPreset& preset : spec::autoencoderPresets()) {
            const spec::Extent3 size = spec::controlSize(preset.model);
            const std::int64_t numbers = 3 * size.rows * size.columns;
            QVERIFY(numbers >= preset.model.latentValues());
            QVERIFY(3 * (size.rows - 1) * (size.columns - 1) < preset.model.latentValues());
        }
    }
};

QTEST_GUILESS_MAIN(TestAutoencoderFolder)
#include "tst_autoencoder_folder.moc"

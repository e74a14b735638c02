// SPDX-License-Identifier: MIT
// The video transformer against an implementation of its own (tests/oracles/video_reference.py),
// and what must hold of its parts.
#include "engine/io/video_folder.h"
#include "engine/models/flow.h"
#include "engine/models/patchify.h"
#include "engine/models/video_model.h"
#include "engine/models/video_positions.h"
#include "engine/spec/video_preset.h"
#include "tests/engine/model_fixture.h"
#include "tests/engine/tolerance.h"

#include <QtTest>

using namespace depthscope;
using nlohmann::json;

namespace {

at::Tensor tensorOf(const json& nested) {
    std::vector<std::int64_t> shape;
    for (const json* level = &nested; level->is_array(); level = &(*level)[0]) {
        shape.push_back(static_cast<std::int64_t>(level->size()));
    }
    std::vector<double> values;
    const std::function<void(const json&)> collect = [&](const json& part) {
        if (part.is_array()) {
            for (const json& inner : part) {
                collect(inner);
            }
        } else {
            values.push_back(part.get<double>());
        }
    };
    collect(nested);
    return at::tensor(values, at::kDouble).view(shape).to(at::kFloat);
}

double difference(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

/// A small model whose modulation is not zero.
models::VideoModel randomModel(const spec::VideoSpec& spec) {
    models::VideoWeights weights = models::randomVideoWeights(spec, 3);
    at::manual_seed(11);
    for (const models::DistinctWeight& weight : models::weightsOf(spec, weights)) {
        weight.tensor.copy_(at::randn(weight.tensor.sizes()) * 0.2);
    }
    return {spec, std::move(weights)};
}

spec::VideoSpec smallSpec() {
    spec::VideoSpec spec;
    spec.clip = {6, 8, 8};
    spec.patch = {2, 4, 4};
    spec.width = 24;
    spec.heads = 2;
    spec.entryBlocks = 2;
    spec.contextFrames = 2;
    return spec;
}

models::SideInput inputOf(const at::Tensor& patches, const at::Tensor& t) {
    models::SideInput input;
    input.patches = patches;
    input.noise = t;
    return input;
}

} // namespace

class TestVideoModel : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void reference_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("joint attention, modulation of each block") << "video_dit";
        QTest::newRow("factorised attention, single modulation, norms") << "video_dit_latte";
    }

    void reference() {
        QFETCH(QString, name);
        const c10::NoGradGuard noGrad;
        const std::string folder = name.toStdString();
        const json expected = tests::fixtureAnswers(folder);
        const io::LoadedVideoModel loaded = io::loadVideoModel(tests::fixtureFolder(folder), {});
        const at::Tensor patches = tensorOf(expected["patches"]);
        const at::Tensor t = tensorOf(expected["t"]);
        const at::Tensor labels =
            at::tensor(expected["labels"].get<std::vector<std::int64_t>>(), at::kLong);
        const std::int64_t context = 4;
        models::ContextMemory memory;
        models::SideInput clean = inputOf(patches.narrow(1, 0, context), at::zeros({2}));
        models::SideInput noisy = inputOf(patches.narrow(1, context, patches.size(1) - context), t);
        clean.labels = noisy.labels = labels;
        static_cast<void>(loaded.model->runContext(clean, memory));
        const at::Tensor output = loaded.model->runTarget(noisy, &memory).output;
        const at::Tensor wanted = tensorOf(expected["predicted"]);
        QVERIFY(difference(output, wanted) <
                tests::kFixtureLogits * wanted.abs().max().item<double>());
        models::SideInput all = inputOf(patches, t);
        all.labels = labels;
        const at::Tensor alone = loaded.model->runTarget(all, nullptr).output;
        const at::Tensor other = tensorOf(expected["without_context"]);
        QVERIFY(difference(alone, other) <
                tests::kFixtureLogits * other.abs().max().item<double>());
        QVERIFY(difference(alone.narrow(1, context, 8), wanted) > 0.01); // the context matters
    }

    /// A clip of 2 frames of 4 x 4 pixels in patches of 2 x 2 x 2: token 1 begins at column 2.
    void patchesHaveTheirOrder() {
        const at::Tensor clip = at::arange(3 * 2 * 4 * 4, at::kFloat).view({1, 3, 2, 4, 4});
        const at::Tensor tokens = models::patchify(clip, {2, 2, 2});
        QCOMPARE(tokens.sizes().vec(), (std::vector<std::int64_t>{1, 4, 24}));
        // red, green, blue of pixel (frame 0, row 0, column 2), then of column 3, then row 1
        const std::vector<float> first{2, 34, 66, 3, 35, 67, 6, 38, 70};
        for (std::size_t i = 0; i < first.size(); ++i) {
            QCOMPARE(tokens[0][1][static_cast<std::int64_t>(i)].item<float>(), first[i]);
        }
        QCOMPARE(tokens[0][1][12].item<float>(), 18.0F); // frame 1
        QVERIFY(at::equal(models::unpatchify(tokens, {1, 2, 2}, {2, 2, 2}), clip));
    }

    void patchesComeBack() {
        const at::Tensor clip = at::randn({2, 3, 6, 8, 12});
        const at::Tensor tokens = models::patchify(clip, {2, 4, 3});
        QVERIFY(at::equal(models::unpatchify(tokens, {3, 2, 4}, {2, 4, 3}), clip));
    }

    /// Scores depend on differences of positions along each axis alone; lengths stay.
    void rotationsAreRelative() {
        const spec::Extent3 grid{5, 4, 6};
        const std::int64_t width = 32;
        const nn::Rotary angles = models::rotary3d(grid, width, at::kDouble);
        at::manual_seed(5);
        const at::Tensor q = at::randn({width}, at::kDouble), k = at::randn({width}, at::kDouble);
        const auto all = [&](const at::Tensor& x) {
            return nn::rotate(x.view({1, 1, 1, width}).expand({1, 1, grid.count(), width}),
                              angles)[0][0];
        };
        const at::Tensor turnedQ = all(q), turnedK = all(k);
        const auto at = [&](std::int64_t f, std::int64_t r, std::int64_t c) {
            return (f * grid.rows + r) * grid.columns + c;
        };
        const auto score = [&](std::int64_t a, std::int64_t b) {
            return (turnedQ[a] * turnedK[b]).sum().item<double>();
        };
        QVERIFY(std::abs(score(at(0, 0, 0), at(1, 0, 0)) - score(at(3, 2, 4), at(4, 2, 4))) <
                1e-12);
        QVERIFY(std::abs(score(at(0, 1, 0), at(0, 3, 0)) - score(at(2, 0, 5), at(2, 2, 5))) <
                1e-12);
        QVERIFY(std::abs(score(at(1, 1, 1), at(1, 1, 4)) - score(at(4, 3, 2), at(4, 3, 5))) <
                1e-12);
        QVERIFY(std::abs(score(at(0, 0, 0), at(1, 0, 0)) - score(at(0, 0, 0), at(0, 1, 0))) > 1e-6);
        QVERIFY(difference(turnedQ.norm(2, -1), q.norm().expand({grid.count()})) < 1e-12);
    }

    void rotaryPairsAreThoseOfWan() {
        QVERIFY((spec::rotaryPairs(32) == spec::Extent3{6, 5, 5}));
        QVERIFY((spec::rotaryPairs(64) == spec::Extent3{12, 10, 10}));
        QVERIFY((spec::rotaryPairs(128) == spec::Extent3{22, 21, 21}));
    }

    void beginsAtZero() {
        const c10::NoGradGuard noGrad;
        const spec::VideoSpec spec = smallSpec();
        models::VideoModel model(spec, models::randomVideoWeights(spec, 1));
        const at::Tensor x = at::randn({2, spec.grid().count(), spec.patchValues()});
        const models::SidePass pass = model.runTarget(inputOf(x, at::rand({2})), nullptr);
        QVERIFY(at::equal(pass.output, at::zeros_like(pass.output)));
        // Every block is the identity: only the embedding and the positions are in the states.
        spec::VideoSpec one = spec;
        one.entryBlocks = 1;
        models::VideoModel shallow(one, models::randomVideoWeights(one, 1));
        QVERIFY(at::equal(shallow.runTarget(inputOf(x, at::rand({2})), nullptr).x, pass.x));
    }

    void countsAreThoseOfTheTensors() {
        for (const char* name : {"demo-dit", "nano-dit", "demo-more-dit", "demo-stage-1-only",
                                 "demo-stage-2-only", "tiny-more-dit"}) {
            const spec::VideoSpec& spec = spec::findVideoPreset(name)->model;
            models::VideoWeights weights = models::randomVideoWeights(spec, 1);
            const auto planned = spec::plannedParameters(spec);
            const auto counted = models::countParameters(spec, weights);
            QCOMPARE(counted.size(), planned.size());
            for (std::size_t i = 0; i < planned.size(); ++i) {
                QCOMPARE(counted[i].count, planned[i].count);
            }
        }
    }

    /// What is beside a clip in a batch of the same size changes no bit of it.
    void batchesAreIndependent() {
        const c10::NoGradGuard noGrad;
        const models::VideoModel model = randomModel(smallSpec());
        const std::int64_t N = smallSpec().grid().count(), P = smallSpec().patchValues();
        const at::Tensor a = at::randn({3, N, P}), b = at::randn({3, N, P});
        const at::Tensor t = at::full({3}, 0.4);
        at::Tensor mixed = b.clone();
        mixed[1] = a[1];
        const at::Tensor one = model.runTarget(inputOf(a, t), nullptr).output;
        const at::Tensor two = model.runTarget(inputOf(mixed, t), nullptr).output;
        QVERIFY(at::equal(one[1], two[1]));
        QVERIFY(!at::equal(one[0], two[0]));
    }

    /// The identities of rectified flow.
    void flowIdentities() {
        const spec::VideoSpec spec = smallSpec();
        const at::Tensor clean = at::randn({2, 3, 4}), noise = at::randn({2, 3, 4});
        const at::Tensor t = at::tensor({0.3F, 0.8F});
        const at::Tensor noisy = models::noised(clean, noise, t);
        const at::Tensor v = noise - clean;
        QVERIFY(difference(noisy - models::overPatches(t) * v, clean) < 1e-6);
        QVERIFY(difference(noisy + models::overPatches(1 - t) * v, noise) < 1e-6);
        QVERIFY(difference(models::velocityOf(spec, {clean, noisy, t, {}}), v) < 1e-5);
        spec::VideoSpec ofVelocity = spec;
        ofVelocity.prediction = spec::Prediction::V;
        QVERIFY(difference(models::cleanOf(ofVelocity, {v, noisy, t, {}}), clean) < 1e-6);
    }

    void savedModelsComeBack() {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        models::VideoModel model = randomModel(smallSpec());
        io::saveModel(model, path, at::kFloat);
        io::LoadedVideoModel loaded = io::loadVideoModel(path, {});
        const auto before = models::weightsOf(model.spec(), model.weights());
        const auto after = models::weightsOf(loaded.model->spec(), loaded.model->weights());
        QCOMPARE(after.size(), before.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            QVERIFY(at::equal(after[i].tensor, before[i].tensor));
        }
        model.weights().head.bias[0] = std::nan("");
        io::saveModel(model, path, at::kFloat);
        QVERIFY_THROWS_EXCEPTION(Error, static_cast<void>(io::loadVideoModel(path, {})));
    }
};

QTEST_GUILESS_MAIN(TestVideoModel)
#include "tst_video_model.moc"

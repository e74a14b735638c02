// SPDX-License-Identifier: MIT
// Sizes and work of video models against published and calculated figures; their configuration.
#include "engine/base/error.h"
#include "engine/spec/autoencoder_preset.h"
#include "engine/spec/preset_info.h"
#include "engine/spec/video_config.h"
#include "engine/spec/video_macs.h"
#include "engine/spec/video_preset.h"
#include "engine/spec/video_weights.h"

#include <QtTest>
#include <cmath>
#include <fstream>

using namespace depthscope;
using spec::VideoPreset;
using spec::VideoSpec;

namespace {

std::int64_t parameters(const VideoSpec& spec) {
    std::int64_t sum = 0;
    for (const spec::ParameterPart& part : spec::plannedParameters(spec)) {
        sum += part.count;
    }
    return sum;
}

VideoSpec again(const VideoSpec& spec, const QTemporaryDir& folder) {
    const std::filesystem::path path = folder.path().toStdString();
    std::ofstream(path / "config.json") << spec::videoConfigJson(spec, "float32");
    return spec::readVideoConfig(path);
}

} // namespace

class TestVideoSpec : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// The table of docs/video_models.md, "Sizes": exact parameters, MACs to its digits.
    void sizes_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<qint64>("count");
        QTest::addColumn<double>("gigaMacs");
        const auto row = [](const char* name, qint64 count, double macs) {
            QTest::newRow(name) << QString(name) << count << macs;
        };
        row("nano-dit", 796'800, 0.036);
        row("nano-more-dit", 715'200, 0.033);
        row("tiny-dit", 2'482'784, 0.544);
        row("tiny-more-dit", 1'149'792, 0.237);
        row("small-dit", 9'930'112, 4.399);
        row("small-more-dit", 4'609'920, 1.936);
        row("base-dit", 57'737'312, 129.1);
        row("base-more-dit", 22'301'280, 54.7);
        row("large-dit", 457'560'448, 826.4);
        row("large-more-dit", 164'791'680, 382.3);
        row("demo-dit", 740'544, 0.0329);
        row("demo-dit-deep", 1'409'856, 0.0646);
        row("demo-more-dit", 658'944, 0.0300);
        row("demo-stage-1-only", 658'560, 0.0302);
        row("demo-stage-2-only", 573'792, 0.0328);
    }

    void sizes() {
        QFETCH(QString, name);
        QFETCH(qint64, count);
        QFETCH(double, gigaMacs);
        const VideoPreset* preset = spec::findVideoPreset(name.toStdString());
        QVERIFY(preset != nullptr);
        QCOMPARE(static_cast<qint64>(parameters(preset->model)), count);
        const double macs = spec::videoMacs(preset->model, spec::wholeClip(preset->model)).total();
        // The table rounds k down and counts the stack's modulation once: up to 0.3 % less; its
        // last digit is worth up to 1.5 %.
        QVERIFY2(std::abs(macs / 1e9 / gigaMacs - 1) < 0.016, qPrintable(QString::number(macs)));
    }

    /// 28 blocks of width 1152 over 256 tokens of 16 values: the 119 "Gflops" of DiT-XL/2 are MACs.
    void agreesWithDitXl() {
        VideoSpec xl;
        xl.clip = {1, 32, 32};
        xl.patch = {1, 2, 2};
        xl.width = 1152;
        xl.heads = 16;
        xl.entryBlocks = 28;
        xl.contextFrames = 0;
        const double macs = spec::videoMacs(xl, spec::wholeClip(xl)).total();
        QCOMPARE(std::round(macs / 1e8), 1186.0);
        for (const spec::ParameterPart& part : spec::plannedParameters(xl)) {
            if (part.name == "entry blocks") {
                QCOMPARE(part.count, std::int64_t{669'344'256});
            }
        }
    }

    void configurationComesBack() {
        const QTemporaryDir folder;
        for (const VideoPreset& preset : spec::videoPresets()) {
            const VideoSpec read = again(preset.model, folder);
            VideoPreset other = preset;
            other.model = read;
            const auto before = spec::recipeFields(preset), after = spec::recipeFields(other);
            QCOMPARE(after.size(), before.size());
            for (std::size_t i = 0; i < before.size(); ++i) {
                QCOMPARE(after[i].name, before[i].name);
                QCOMPARE(after[i].value, before[i].value);
            }
        }
    }

    /// Every value of every preset can be set, and makes the same preset of another.
    void everyFieldCanBeSet() {
        for (const VideoPreset& preset : spec::videoPresets()) {
            std::vector<settings::RecipeChange> changes;
            for (const settings::RecipeField& field : spec::recipeFields(preset)) {
                changes.push_back({field.name, field.value});
            }
            VideoPreset other = *spec::findVideoPreset("demo-dit");
            spec::changeRecipe(other, changes);
            const auto wanted = spec::recipeFields(preset), made = spec::recipeFields(other);
            QCOMPARE(made.size(), wanted.size());
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                QCOMPARE(made[i].value, wanted[i].value);
            }
        }
    }

    void refuses_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::newRow("width and heads") << "num_attention_heads"
                                         << "5";
        QTest::newRow("patch") << "patch_height"
                               << "3";
        QTest::newRow("context") << "context_frames"
                                 << "3";
        QTest::newRow("classes") << "classes"
                                 << "4";
        QTest::newRow("no effect") << "capacity"
                                   << "1,1/2";
        QTest::newRow("unknown clips") << "clips"
                                       << "films";
        QTest::newRow("unknown field") << "sequence"
                                       << "8";
        QTest::newRow("no blocks") << "entry_blocks"
                                   << "0";
    }

    void refuses() {
        QFETCH(QString, name);
        QFETCH(QString, value);
        VideoPreset preset = *spec::findVideoPreset("demo-dit");
        try {
            spec::changeRecipe(preset, {{name.toStdString(), value.toStdString()}});
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Usage);
            QVERIFY(!error.hint().empty());
            return;
        }
        QFAIL("was accepted");
    }

    void capacityFollowsTheRecursions() {
        VideoPreset preset = *spec::findVideoPreset("demo-more-dit");
        spec::changeRecipe(preset, {{"num_recursion", "2"}});
        QCOMPARE(settings::toString(preset.model.recursion->capacity), std::string("1,1/2"));
    }

    /// k of both sides apart, rounded up.
    void roundsUp() {
        const VideoSpec& model = spec::findVideoPreset("demo-more-dit")->model;
        QCOMPARE(spec::plannedActive(model, 32), (std::vector<std::int64_t>{32, 22, 11}));
    }

    void noiseLowersTheCapacity() {
        VideoPreset preset = *spec::findVideoPreset("demo-more-dit");
        spec::changeRecipe(preset, {{"noise_capacity", "0.875:7/10"}});
        const spec::VideoRecursionSpec& recursion = *preset.model.recursion;
        const auto low = spec::capacityAt(recursion, recursion.capacity, 0.5);
        const auto high = spec::capacityAt(recursion, recursion.capacity, 0.9);
        QVERIFY(low == recursion.capacity);
        QVERIFY(high[0] == (Fraction{1, 1}) && high[1] == (Fraction{7, 15}));
    }

    void presetsAreListed() {
        int found = 0;
        for (const spec::PresetInfo& info : spec::presetInfos()) {
            found += info.macsPerClip > 0 ? 1 : 0;
        }
        QCOMPARE(found,
                 static_cast<int>(spec::videoPresets().size() + spec::autoencoderPresets().size()));
    }
};

QTEST_GUILESS_MAIN(TestVideoSpec)
#include "tst_video_spec.moc"

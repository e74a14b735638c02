// SPDX-License-Identifier: MIT
// The quantities of a recipe by name: they read back as written, every choice of the field list
// trains or is refused with a reason, and a checkpoint knows them.
#include "engine/spec/language_weights.h"
#include "engine/spec/recipe.h"
#include "tests/engine/language_training.h"
#include "tests/engine/model_fixture.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

using namespace depthscope;
using settings::RecipeChange;
using settings::RecipeField;

namespace {

data::Corpus cyclicCorpus() {
    data::Corpus corpus;
    for (int i = 0; i < 2000; ++i) {
        corpus.train.ids.push_back(i % 7 * 5);
    }
    corpus.validation.ids.assign(corpus.train.ids.begin(), corpus.train.ids.begin() + 300);
    return corpus;
}

std::vector<RecipeChange> changesOf(const spec::Preset& preset) {
    std::vector<RecipeChange> changes;
    for (const RecipeField& field : spec::recipeFields(preset)) {
        changes.push_back({field.name, field.value});
    }
    return changes;
}

std::string valueOf(const spec::Preset& preset, const std::string& name) {
    for (const RecipeField& field : spec::recipeFields(preset)) {
        if (field.name == name) {
            return field.value;
        }
    }
    return "absent";
}

spec::Preset changed(const std::string& name, const std::vector<RecipeChange>& changes) {
    spec::Preset preset = spec::findPreset(name);
    spec::changeRecipe(preset, changes);
    return preset;
}

/// A step and a validation.
bool trains(const spec::Preset& preset) {
    const data::Corpus corpus = cyclicCorpus();
    tests::LanguageTraining trainer(preset, corpus);
    trainer.step();
    return std::isfinite(trainer.evaluate().metric("val_loss"));
}

} // namespace

class TestRecipe : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void everyPresetReadsBack() {
        for (const spec::Preset& preset : spec::presets()) {
            const std::vector<RecipeChange> all = changesOf(preset);
            const spec::Preset again = changed(preset.name, all);
            QCOMPARE(changesOf(again), all);
        }
    }

    /// From each kind of model to each value of each choice: it trains, or the reason is told.
    void everyChoiceTrains_data() {
        QTest::addColumn<QString>("preset");
        for (const char* preset :
             {"tiny-vanilla", "tiny-mor-expert", "tiny-mor-token", "tiny-more"}) {
            QTest::newRow(preset) << QString(preset);
        }
    }

    void everyChoiceTrains() {
        QFETCH(QString, preset);
        const std::string name = preset.toStdString();
        int trained = 0;
        for (const RecipeField& field : spec::recipeFields(spec::findPreset(name))) {
            for (const std::string& choice : field.choices) {
                spec::Preset other = spec::findPreset(name);
                try {
                    spec::changeRecipe(other, {{field.name, choice}});
                } catch (const Error& error) {
                    QVERIFY(error.code() == ErrorCode::Usage);
                    QVERIFY(!error.hint().empty());
                    continue;
                }
                QCOMPARE(valueOf(other, field.name), choice);
                const std::vector<RecipeChange> all = changesOf(other);
                QCOMPARE(changesOf(changed(name, all)), all);
                QVERIFY(!other.model.sharesLayers() || other.model.recursion.count > 1);
                QVERIFY2(trains(other), (field.name + "=" + choice).c_str());
                ++trained;
            }
        }
        QVERIFY(trained >= 4);
    }

    void variantsTrain_data() {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<QStringList>("sets");
        const auto row = [](const char* name, const char* preset, const QStringList& sets) {
            QTest::newRow(name) << QString(preset) << sets;
        };
        row("wide mlp of the paper", "tiny-mor-expert",
            {"router_type=wide_mlp", "wide_factor=4", "router_func=tanh"});
        row("two recursions", "tiny-mor-expert", {"num_recursion=2", "num_hidden_layers=6"});
        row("cycle and shared keys", "tiny-mor-token", {"sharing=cycle", "kv_sharing=share"});
        row("middle sequence", "tiny-vanilla",
            {"model_type=recursive_llama", "sharing=middle_sequence"});
        row("loss-free", "tiny-mor-token", {"balancing=loss_free", "u=0.01", "bal_warmup_step=1"});
        row("auxiliary router", "tiny-mor-expert", {"sampling=aux_router", "accumulate=2"});
        row("quirk and capacity warm-up", "tiny-mor-expert",
            {"aux_unscaled=true", "accumulate=2", "cap_warmup_step=3", "capacity=1,1/2,1/4"});
        row("cosine and average", "tiny-vanilla", {"schedule=cosine", "average=0.9"});
        row("biases, own head, one key head", "tiny-vanilla",
            {"attention_bias=true", "mlp_bias=true", "tie_word_embeddings=false",
             "num_key_value_heads=1"});
        row("six experts, top-3", "tiny-more",
            {"num_experts=6", "top_k=3", "n_recursions=4", "num_key_value_heads=1"});
    }

    void variantsTrain() {
        QFETCH(QString, preset);
        QFETCH(QStringList, sets);
        std::vector<RecipeChange> changes;
        for (const QString& text : sets) {
            changes.push_back(settings::parseRecipeChange(text.toStdString()));
        }
        const spec::Preset variant = changed(preset.toStdString(), changes);
        for (const RecipeChange& change : changes) {
            QCOMPARE(valueOf(variant, change.name), change.value);
        }
        QVERIFY(trains(variant));
    }

    void whatFollowsIsSettled() {
        const spec::Preset two = changed("tiny-mor-expert", {{"num_recursion", "2"}});
        QCOMPARE(valueOf(two, "capacity"), std::string("1,1/2"));
        QCOMPARE(valueOf(two, "num_hidden_layers"), std::string("4")); // 1 + 1x2 + 1 of 5
        const spec::Preset token = changed("tiny-mor-expert", {{"router", "token"}});
        QCOMPARE(valueOf(token, "router_func"), std::string("softmax"));
        QCOMPARE(valueOf(token, "capacity"), std::string("absent"));
        QCOMPARE(changed("more-shakespeare", {{"hidden_size", "64"}}).model.headDim,
                 std::int64_t{16});
    }

    void anotherKindHasItsUsualSettings() {
        const spec::Preset mor = changed("demo-vanilla", {{"model_type", "mor_llama"}});
        QCOMPARE(changesOf(mor), changesOf(spec::findPreset("demo-mor-expert")));
        const spec::Preset token =
            changed("demo-vanilla", {{"model_type", "mor_llama"}, {"router", "token"}});
        QCOMPARE(changesOf(token), changesOf(spec::findPreset("demo-mor-token")));
        const spec::Preset fixed = changed("vanilla-360m", {{"model_type", "recursive_llama"}});
        QCOMPARE(changesOf(fixed), changesOf(spec::findPreset("recursive-360m-3")));
        // docs/routing.md 3.5: alpha 0.1 with sigmoid.
        QCOMPARE(valueOf(changed("tiny-mor-token", {{"router_func", "sigmoid"}}), "alpha"),
                 std::string("0.1"));
        // What only the old kind can have follows.
        const spec::Preset settled =
            changed("recursive-360m-3", {{"sharing", "cycle"}, {"num_hidden_layers", "33"}});
        QCOMPARE(settled.model.layers, std::int64_t{33});
    }

    void capacitiesReadBack() {
        for (const char* text : {"33.3333333 %, 0.2, 0.1", "1,2/3,1/3", "1,0.66,0.33"}) {
            const spec::Preset one = changed("tiny-mor-expert", {{"capacity", text}});
            const std::vector<RecipeChange> all = changesOf(one);
            const spec::Preset again = changed("tiny-mor-expert", all);
            QCOMPARE(changesOf(again), all);
            QVERIFY(again.model.mor.capacity == one.model.mor.capacity);
        }
    }

    void memoryFollowsTheRecipe() {
        const auto bytes = [](const spec::Preset& preset) {
            return spec::trainingBytes(preset,
                                       spec::parameterCount(spec::plannedParameters(preset.model)));
        };
        const double usual = bytes(spec::findPreset("demo-vanilla"));
        QVERIFY(bytes(changed("demo-vanilla", {{"average", "0.99"}})) > usual);
        QVERIFY(bytes(changed("demo-vanilla", {{"tie_word_embeddings", "false"}})) > usual);
    }

    void refusals_data() {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        const auto row = [](const char* preset, const char* name, const char* value) {
            QTest::addRow("%s %s=%s", preset, name, value)
                << QString(preset) << QString(name) << QString(value);
        };
        row("tiny-vanilla", "no_such_thing", "1");
        row("tiny-vanilla", "alpha", "1"); // without a router
        row("tiny-vanilla", "learning_rate", "nan");
        row("tiny-vanilla", "learning_rate", "-1");
        row("tiny-vanilla", "batch", "2.5");
        row("tiny-vanilla", "batch", "99999999999999999999");
        row("tiny-vanilla", "num_attention_heads", "3"); // 2 key heads
        row("tiny-vanilla", "sequence", "65");           // context 64
        row("tiny-vanilla", "model_type", "more");
        row("tiny-vanilla", "schedule", "linear");
        row("tiny-mor-expert", "capacity", "1/2,1,1");
        row("tiny-mor-expert", "capacity", "1,1/2");
        row("tiny-mor-expert", "sharing", "sequence");
        row("tiny-mor-expert", "router_func", "softmax");
        row("tiny-mor-token", "kv_sharing", "hybrid");
        row("tiny-vanilla", "vocabulary", "256");      // bytes and nothing learned
        row("tiny-more", "num_attention_heads", "32"); // heads of one
        row("tiny-more", "top_k", "5");                // of 4
        row("tiny-more", "hidden_size", "33");
    }

    void refusals() {
        QFETCH(QString, preset);
        QFETCH(QString, name);
        QFETCH(QString, value);
        spec::Preset one = spec::findPreset(preset.toStdString());
        const std::vector<RecipeChange> before = changesOf(one);
        try {
            spec::changeRecipe(one, {{name.toStdString(), value.toStdString()}});
            QFAIL("accepted");
        } catch (const Error& error) {
            QVERIFY(error.code() == ErrorCode::Usage);
            QVERIFY(error.message().starts_with("recipe: "));
            QVERIFY(!error.hint().empty());
        }
        QCOMPARE(changesOf(one), before);
    }

    void withoutEffectIsLeftOutWhereAsked() {
        spec::Preset one = spec::findPreset("tiny-vanilla");
        spec::changeRecipe(one, {{"alpha", "3"}, {"batch", "2"}}, spec::NoEffect::LeaveOut);
        QCOMPARE(one.batch, std::int64_t{2});
        spec::changeRecipe(one,
                           {{"model_type", "mor_llama"},
                            {"router", "token"},
                            {"router_func", "tanh"},
                            {"kv_sharing", "hybrid"},
                            {"sharing", "sequence"}},
                           spec::NoEffect::LeaveOut);
        QCOMPARE(valueOf(one, "router_func"), std::string("softmax"));
        QCOMPARE(valueOf(one, "sharing"), std::string("middle_cycle"));
    }

    void sharedKeysNeedEveryToken() {
        spec::Preset one = spec::findPreset("tiny-mor-expert");
        QVERIFY_THROWS_EXCEPTION(
            Error, spec::changeRecipe(one, {{"kv_sharing", "share"}, {"capacity", "1/2,1/3,1/4"}}));
    }

    void checkpointsKnowTheirRecipe() {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("c.safetensors").toStdString();
        const data::Corpus corpus = cyclicCorpus();
        const spec::Preset preset =
            changed("tiny-mor-expert", {{"alpha", "0.3"}, {"schedule", "cosine"}});
        tests::LanguageTraining trainer(preset, corpus);
        trainer.saveCheckpoint(file, {});
        spec::Preset again = spec::findPreset("tiny-mor-expert");
        train::applyCheckpointRecipe(file, again);
        QCOMPARE(changesOf(again), changesOf(preset));
        tests::LanguageTraining same(again, corpus);
        static_cast<void>(same.restore(file));
        tests::LanguageTraining other(spec::findPreset("tiny-mor-expert"), corpus);
        try {
            static_cast<void>(other.restore(file));
            QFAIL("another recipe was accepted");
        } catch (const Error& error) {
            QVERIFY(error.message().find("recipe.") != std::string::npos);
        }
        spec::Preset token = spec::findPreset("tiny-mor-token");
        try {
            train::applyCheckpointRecipe(file, token);
            QFAIL("another preset's recipe was taken");
        } catch (const Error& error) {
            QVERIFY(error.code() == ErrorCode::BadInput);
            QVERIFY(error.message().find("tiny-mor-expert") != std::string::npos);
        }
    }

    /// A checkpoint of before, or of before a field: it goes on as the preset says.
    void checkpointsWithoutARecipeGoOn() {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("c.safetensors").toStdString();
        const data::Corpus corpus = cyclicCorpus();
        tests::LanguageTraining trainer(spec::findPreset("tiny-vanilla"), corpus);
        trainer.saveCheckpoint(file, {});
        QFile stored(folder.filePath("c.safetensors"));
        QVERIFY(stored.open(QIODevice::ReadWrite));
        QByteArray bytes = stored.readAll();
        bytes.replace("\"recipe.", "\"rECIPE."); // the header keeps its length
        stored.seek(0);
        stored.write(bytes);
        stored.close();
        spec::Preset preset = spec::findPreset("tiny-vanilla");
        train::applyCheckpointRecipe(file, preset);
        tests::LanguageTraining again(preset, corpus);
        static_cast<void>(again.restore(file));
    }
};

QTEST_APPLESS_MAIN(TestRecipe)
#include "tst_recipe.moc"

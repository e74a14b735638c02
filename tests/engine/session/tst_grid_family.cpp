// SPDX-License-Identifier: MIT
// The proof that a family takes one row and one source file: a family of another shape that lives
// in tests alone is loaded, routed, shown by the instruments, recorded and replayed; jobs that need
// text refuse it.
#include "engine/recording/reader.h"
#include "engine/recording/save.h"
#include "engine/session/family.h"
#include "tests/engine/session/grid_family.h"
#include "tests/widgets/instruments/grid_test.h"

#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <optional>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

/// A session with our families and the grid's.
class Lab {
public:
    Lab() {
        for (const session::Family& family : session::builtInFamilies()) {
            m_families.push_back(family);
        }
        m_families.push_back(tests::gridFamily());
        runtime::EngineOptions options;
        options.device = "cpu";
        options.threads = 1;
        m_session = session::makeSession(options, m_families);
        std::ofstream(m_folder.filePath("config.json").toStdString())
            << R"({"model_type": "grid", "seed": 3})";
    }

    std::optional<Error> perform(const runtime::Request& request) {
        try {
            const auto job = m_session->start(1, request, [&](const runtime::Event& event) {
                if (const auto* step = std::get_if<runtime::StepPublished>(&event)) {
                    steps.push_back(step->step);
                } else if (const auto* loaded = std::get_if<runtime::ModelLoaded>(&event)) {
                    model = loaded->model;
                }
            });
            while (job->step()) {
            }
            return std::nullopt;
        } catch (const Error& error) {
            return error;
        }
    }

    std::optional<Error> load() {
        return perform(
            runtime::LoadRequest{m_folder.path().toStdString(), runtime::ModelRole::Main});
    }

    std::vector<trace::StepPtr> steps;
    std::shared_ptr<const spec::ModelInfo> model;

private:
    QTemporaryDir m_folder;
    std::vector<session::Family> m_families;
    std::unique_ptr<runtime::Session> m_session;
};

runtime::PassRequest pass(const char* capacity) {
    runtime::PassRequest request;
    request.routing.capacity = settings::parseCapacity(capacity);
    return request;
}

} // namespace

class TestGridFamily : public tests::PanelTest {
    Q_OBJECT

private Q_SLOTS:

    void passesOverTheSamePlaces() {
        Lab lab;
        QVERIFY(!lab.load());
        QCOMPARE(lab.model->family, std::string("grid"));
        QVERIFY(!lab.perform(pass("1,2/3,1/3")));
        QCOMPARE(lab.steps.size(), std::size_t{tests::kGridPasses});
        const trace::TraceStore store = tests::storeOf(lab.steps);
        QCOMPARE(store.view().main->places(), std::size_t{tests::kGridRows * tests::kGridColumns});
        // 24 patches at the first recursion, 16 at the second, 8 of those at the third.
        const trace::RoutingStep& last = lab.steps.back()->routing;
        QCOMPARE(std::ranges::count(last.depth, 3), 8);
        QCOMPARE(std::ranges::count(last.depth, 2), 8);
        QCOMPARE(std::ranges::count(last.depth, 1), 8);
        std::set<std::size_t> choices;
        for (std::size_t place = 0; place < last.places(); ++place) {
            choices.insert(last.experts[0].indexOf(place).size());
        }
        QVERIFY(choices.size() > 1); // not the same number everywhere
    }

    void theInstrumentsShowIt_data() {
        QTest::addColumn<QString>("panel");
        QTest::addColumn<QString>("words");
        QTest::newRow("depth") << "panel.depth"
                               << "row";
        QTest::newRow("router") << "panel.router"
                                << "";
        QTest::newRow("experts") << "panel.experts"
                                 << "";
        QTest::newRow("kv") << "panel.kv"
                            << "";
        QTest::newRow("saved") << "panel.saved"
                               << "";
        QTest::newRow("token") << "panel.token"
                               << "edge";
    }

    void theInstrumentsShowIt() {
        QFETCH(QString, panel);
        QFETCH(QString, words);
        Lab lab;
        QVERIFY(!lab.load());
        QVERIFY(!lab.perform(pass("1,2/3,1/3")));
        const trace::TraceStore routed = tests::storeOf(lab.steps);
        QVERIFY(!lab.perform(pass("1,1,1")));
        const trace::TraceStore full =
            tests::storeOf({lab.steps.begin() + tests::kGridPasses, lab.steps.end()});
        const std::string id = panel.toStdString();
        const auto cursor = tests::pinnedAt(tests::kPlace);
        const auto& one = tests::instrument(id);
        QVERIFY(one != nullptr);
        const trace::TraceStore none;
        const scene::Scene scene = draw(id.c_str(), routed.view(), cursor);
        QVERIFY(scene != draw(id.c_str(), none.view(), cursor));
        QVERIFY(scene != draw(id.c_str(), full.view(), cursor)); // it is this run's routing
        const Table table = one->table(routed.view(), m_text);
        QVERIFY(!table.rows.empty());
        bool found = words.isEmpty();
        for (const auto& row : table.rows) {
            for (const auto& cell : row) {
                const auto* text = std::get_if<std::string>(&cell);
                found = found || (text != nullptr && QString::fromStdString(*text).contains(words));
            }
        }
        QVERIFY2(found || tests::says(scene, words.toStdString()), qPrintable(panel));
    }

    void isRecordedAndReplayed() {
        Lab lab;
        QVERIFY(!lab.load());
        QVERIFY(!lab.perform(pass("1,1/2,1/4")));
        const QTemporaryDir folder;
        const std::string file = folder.filePath("grid.depthscope").toStdString();
        recording::saveRecording(file, lab.steps, {}, {});
        const trace::TraceStore live = tests::storeOf(lab.steps);
        const trace::TraceStore replayed = tests::storeOf(recording::readRecording(file).steps);
        const Viewport viewport{{0, 0, 900, 300}, &m_theme, &m_text};
        for (const auto& one : makeInstruments()) {
            QVERIFY2(one->draw(live.view(), {}, tests::pinnedAt(tests::kPlace), viewport) ==
                         one->draw(replayed.view(), {}, tests::pinnedAt(tests::kPlace), viewport),
                     one->id());
        }
    }

    void whatNeedsTextRefusesIt() {
        Lab lab;
        QVERIFY(!lab.load());
        runtime::GenerateRequest generate;
        generate.prompt.ids = {1};
        const std::optional<Error> error = lab.perform(generate);
        QVERIFY(error.has_value());
        QCOMPARE(error->code(), ErrorCode::Usage);
        QVERIFY(QString::fromStdString(error->message()).contains("grid"));
    }
};

QTEST_APPLESS_MAIN(TestGridFamily)
#include "tst_grid_family.moc"

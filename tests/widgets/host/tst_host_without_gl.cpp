// SPDX-License-Identifier: MIT
// A platform without OpenGL: Qt paints the panel.
#include "tests/widgets/fake_text_service.h"
#include "tests/widgets/sample_scene.h"
#include "widgets/host/instrument_host.h"
#include "widgets/paint/qt/scene_painter.h"

#include <QSignalSpy>
#include <QTest>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

class Sample final : public Instrument {
public:
    [[nodiscard]] const char* id() const override { return "panel.sample"; }

    [[nodiscard]] const char* title() const override { return "Sample"; }

    [[nodiscard]] Traits traits() const override { return {}; }

    [[nodiscard]] scene::Scene draw(const trace::TraceView&,
                                    const ViewState&,
                                    const Cursor&,
                                    const Viewport& viewport) const override {
        return tests::sampleScene(*viewport.theme);
    }

    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        InputResponse response{shown.state, {}, {}};
        if (const auto* press = std::get_if<PointerPress>(&input)) {
            response.intents.emplace_back(
                PinIntent{scene::hitAt(shown.scene, press->at).column, {}});
        }
        return response;
    }

    [[nodiscard]] Table table(const trace::TraceView&, const scene::TextService&) const override {
        return {};
    }
};

} // namespace

class TestHostWithoutGl : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void staysAliveAndAnswers();
};

void TestHostWithoutGl::staysAliveAndAnswers() {
    const Sample instrument;
    const trace::TraceStore store;
    const tests::FakeTextService text;
    QWidget window;
    auto* host = new host::InstrumentHost(instrument, store, text, &window);
    host->resize(320, 200);
    window.resize(320, 200);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    host->clearFocus(); // no ring
    host->refresh();
    const QImage picture = window.grab().toImage();
    QVERIFY(host->paintedFrames() > 0);
    const scene::Color ground = scene::lightTheme().surface;
    const QImage expected = paint::qt::toImage(host->scene(), ground, picture.devicePixelRatio());
    QCOMPARE(picture.convertToFormat(QImage::Format_RGB32),
             expected.convertToFormat(QImage::Format_RGB32));
    QVERIFY(!host->scene().primitives.empty());
    QSignalSpy pinned(host, &host::InstrumentHost::pinned);
    QTest::mouseClick(host, Qt::LeftButton, {}, {30, 140});
    QCOMPARE(pinned.size(), 1);
    QCOMPARE(pinned[0][0].value<PinIntent>().place, std::optional<int>(0));
}

QTEST_MAIN(TestHostWithoutGl)
#include "tst_host_without_gl.moc"

// SPDX-License-Identifier: MIT
// A real window: the picture on screen is the exported one, it survives floating, answers the
// pointer and paints only when something changed.
#include "tests/widgets/sample_scene.h"
#include "widgets/host/instrument_host.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/paint/qt/scene_painter.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QDir>
#include <QDockWidget>
#include <QMainWindow>
#include <QScopeGuard>
#include <QScreen>
#include <QSignalSpy>
#include <QTest>
#include <QToolTip>
#include <QVBoxLayout>
#include <stdexcept>

using namespace depthscope;
using namespace depthscope::instruments;

namespace {

/// Draws the sample scene; a click pins, a wheel zooms, a press on the button acts.
class SampleInstrument final : public Instrument {
public:
    [[nodiscard]] const char* id() const override { return "panel.sample"; }

    [[nodiscard]] const char* title() const override { return "Sample"; }

    [[nodiscard]] Traits traits() const override { return {}; }

    [[nodiscard]] scene::Scene draw(const trace::TraceView&,
                                    const ViewState&,
                                    const Cursor& cursor,
                                    const Viewport& viewport) const override {
        ++drawn;
        if (fails) {
            throw std::runtime_error("no such figure");
        }
        scene::Scene result = tests::sampleScene(*viewport.theme);
        result.bounds = viewport.bounds;
        result.clips[0] = viewport.bounds;
        if (cursor.hoverPlace) {
            result.summary += " Token " + std::to_string(*cursor.hoverPlace) + ".";
        }
        return result;
    }

    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        InputResponse response{shown.state, {}, {}};
        if (const auto* move = std::get_if<PointerMove>(&input)) {
            const scene::Hit hit = scene::hitAt(shown.scene, move->at);
            if (hit.kind == scene::HitKind::Cell) {
                response.intents.emplace_back(HoverIntent{hit.column, hit.row});
                response.tip = "<b>token</b> " + std::to_string(hit.column);
            }
        } else if (const auto* press = std::get_if<PointerPress>(&input)) {
            const scene::Hit hit = scene::hitAt(shown.scene, press->at);
            if (hit.kind == scene::HitKind::Button) {
                response.intents.emplace_back(ActionIntent{hit.action});
            } else if (press->button == Button::Left) {
                response.intents.emplace_back(PinIntent{hit.column, hit.row});
            }
        } else if (const auto* wheel = std::get_if<Wheel>(&input)) {
            response.state.cellWidth += wheel->zoom ? wheel->steps : 0;
        } else if (const auto* key = std::get_if<KeyPress>(&input); key && key->key == Key::Right) {
            response.intents.emplace_back(PinIntent{1, 0});
        }
        return response;
    }

    [[nodiscard]] Table table(const trace::TraceView&, const scene::TextService&) const override {
        return {};
    }

    mutable int drawn = 0;
    bool fails = false;
};

void drainEvents() {
    for (int i = 0; i < 20; ++i) {
        QCoreApplication::processEvents();
    }
}

int difference(QRgb a, QRgb b) {
    return std::max({std::abs(qRed(a) - qRed(b)), std::abs(qGreen(a) - qGreen(b)),
                     std::abs(qBlue(a) - qBlue(b))});
}

} // namespace

class TestInstrumentHost : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void showsWhatIsExported_data();
    void showsWhatIsExported();
    void floatsBetweenWindows();
    void answersThePointer();
    void answersWheelAndKeys();
    void rightClickAsksForAMenu();
    void paintsOnlyOnChange();
    void isAccessible();
    void aFailingInstrumentIsAMessage();
    void qtPaintsWhereAsked();

private:
    void showIn(QWidget& window);

    /// What the panel shows, in device pixels.
    QImage grab() { return m_host->grab().toImage().convertToFormat(QImage::Format_RGB32); }

    SampleInstrument m_instrument;
    trace::TraceStore m_store;
    paint::qt::QtTextService m_text;
    std::unique_ptr<QWidget> m_window;
    host::InstrumentHost* m_host = nullptr; ///< owned by the window it is in
};

void TestInstrumentHost::init() {
    m_instrument.fails = false;
    m_window = std::make_unique<QWidget>();
    m_host = new host::InstrumentHost(m_instrument, m_store, m_text);
    showIn(*m_window);
}

void TestInstrumentHost::cleanup() {
    m_window.reset();
}

void TestInstrumentHost::showIn(QWidget& window) {
    auto* layout = new QVBoxLayout(&window);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_host);
    window.setFixedSize(320, 200);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QTRY_VERIFY(m_host->paintedFrames() > 0);
}

void TestInstrumentHost::showsWhatIsExported_data() {
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void TestInstrumentHost::showsWhatIsExported() {
    QFETCH(bool, dark);
    const scene::Theme theme = dark ? scene::darkTheme() : scene::lightTheme();
    m_host->setTheme(theme);
    m_host->clearFocus();
    const double ratio = m_host->devicePixelRatioF();
    const QImage screen = grab();
    const QImage picture = paint::qt::toImage(m_host->scene(), theme.surface, ratio);
    QCOMPARE(screen.size(), picture.size());
    const QString folder = qEnvironmentVariable("DEPTHSCOPE_TEST_PICTURES");
    if (!folder.isEmpty()) {
        const QString name = QString::fromUtf8(QTest::currentDataTag());
        screen.save(QDir(folder).filePath(name + QStringLiteral("-screen.png")));
        picture.save(QDir(folder).filePath(name + QStringLiteral("-picture.png")));
    }
    // Smoothed edges may differ; areas and letters must not.
    int different = 0;
    for (int y = 0; y < screen.height(); ++y) {
        for (int x = 0; x < screen.width(); ++x) {
            different += difference(screen.pixel(x, y), picture.pixel(x, y)) > 48 ? 1 : 0;
        }
    }
    QVERIFY2(different < screen.width() * screen.height() / 200,
             qPrintable(QString::number(different)));
    for (const QPoint at : {QPoint(40, 70), QPoint(5, 5), QPoint(71, 70), QPoint(30, 140),
                            QPoint(290, 104), QPoint(60, 180), QPoint(160, 32)}) {
        const QPoint pixel = (QPointF(at) * ratio).toPoint();
        QVERIFY(difference(screen.pixel(pixel), picture.pixel(pixel)) <= 1);
    }
}

// A dock that floats takes its panel to another window and back. What counts is what is on the
// screen.
void TestInstrumentHost::floatsBetweenWindows() {
    QMainWindow main;
    auto* dock = new QDockWidget(&main);
    dock->setWidget(m_host);
    main.addDockWidget(Qt::TopDockWidgetArea, dock);
    main.resize(400, 300);
    main.show();
    QVERIFY(QTest::qWaitForWindowExposed(&main));
    const auto onScreen = [this] {
        const QImage screen = QGuiApplication::primaryScreen()->grabWindow(0).toImage();
        const QPointF at = m_host->mapToGlobal(QPointF(40.5, 70.5)) * screen.devicePixelRatio();
        return screen.pixel(at.toPoint());
    };
    const QPoint middle = (QPointF(40, 70) * m_host->devicePixelRatioF()).toPoint();
    const QRgb wanted = qRgb(90, 110, 140);
    for (const bool floating : {true, false, true, false}) {
        dock->setFloating(floating);
        QCOMPARE(m_host->window() == &main, !floating);
        dock->move(floating ? QPoint(450, 100) : dock->pos());
        QTRY_COMPARE(onScreen(), wanted);
        QCOMPARE(grab().pixel(middle), wanted);
    }
    // Without a change of size, which hides faults of Qt.
    for (int i = 0; i < 2; ++i) {
        auto window = std::make_unique<QWidget>();
        window->move(450, 100);
        showIn(*window);
        QTRY_COMPARE(onScreen(), wanted);
        m_window = std::move(window);
    }
}

void TestInstrumentHost::answersThePointer() {
    QSignalSpy hovered(m_host, &host::InstrumentHost::hovered);
    QSignalSpy pinned(m_host, &host::InstrumentHost::pinned);
    QSignalSpy acted(m_host, &host::InstrumentHost::actionTriggered);
    QTest::mouseMove(m_host, {30, 140});
    QTRY_COMPARE(hovered.size(), 1);
    QCOMPARE(hovered[0][0].value<HoverIntent>().place, std::optional<int>(0));
    QCOMPARE(hovered[0][0].value<HoverIntent>().recursion, std::optional<int>(0));
    QVERIFY2(QToolTip::text().contains(QStringLiteral("&lt;b&gt;")), "tips are text, not HTML");
    QTest::mouseClick(m_host, Qt::LeftButton, {}, {290, 104});
    QCOMPARE(pinned.size(), 1);
    QCOMPARE(pinned[0][0].value<PinIntent>().place, std::optional<int>(13));
    QCOMPARE(pinned[0][0].value<PinIntent>().recursion, std::optional<int>(2));
    QTest::mouseClick(m_host, Qt::LeftButton, {}, {40, 70});
    QCOMPARE(acted.size(), 1);
    QCOMPARE(acted[0][0].toString(), QStringLiteral("sample.button"));
    QTRY_COMPARE(QToolTip::text(), QString()); // Qt lets it linger for a moment
}

void TestInstrumentHost::answersWheelAndKeys() {
    QSignalSpy changed(m_host, &host::InstrumentHost::viewStateChanged);
    QSignalSpy pinned(m_host, &host::InstrumentHost::pinned);
    QWheelEvent zoom({50, 50}, m_host->mapToGlobal(QPointF(50, 50)), {}, {0, 240}, Qt::NoButton,
                     Qt::ControlModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(m_host, &zoom);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(m_host->viewState().cellWidth, 2.0);
    QVERIFY(zoom.isAccepted());

    QKeyEvent right(QEvent::KeyPress, Qt::Key_Right, Qt::NoModifier);
    QCoreApplication::sendEvent(m_host, &right);
    QCOMPARE(pinned.size(), 1);
    QVERIFY(right.isAccepted());

    QKeyEvent unused(QEvent::KeyPress, Qt::Key_Escape, Qt::NoModifier);
    QCoreApplication::sendEvent(m_host, &unused);
    QVERIFY2(!unused.isAccepted(), "what the instrument does not use is passed on");

    QKeyEvent override(QEvent::ShortcutOverride, Qt::Key_Right, Qt::NoModifier);
    override.ignore();
    QCoreApplication::sendEvent(m_host, &override);
    QVERIFY(override.isAccepted());
}

void TestInstrumentHost::rightClickAsksForAMenu() {
    QSignalSpy requested(m_host, &host::InstrumentHost::contextMenuRequested);
    QContextMenuEvent event(QContextMenuEvent::Mouse, {10, 10}, {110, 120});
    QCoreApplication::sendEvent(m_host, &event);
    QCOMPARE(requested.size(), 1);
    QCOMPARE(requested[0][0].toPoint(), QPoint(110, 120));
}

void TestInstrumentHost::paintsOnlyOnChange() {
    // What showing and the focus set off comes first.
    m_window->activateWindow();
    m_host->setFocus();
    QTRY_VERIFY(m_host->hasFocus());
    drainEvents();
    const std::uint64_t painted = m_host->paintedFrames();
    const int drawn = m_instrument.drawn;
    m_host->setTheme(scene::lightTheme());
    m_host->setCursor({});
    m_host->setViewState({});
    drainEvents();
    QCOMPARE(m_host->paintedFrames(), painted);
    QCOMPARE(m_instrument.drawn, drawn);

    QSignalSpy frames(m_host, &host::InstrumentHost::framePainted);
    m_host->refresh();
    m_host->refresh();
    QTRY_COMPARE(frames.size(), 1);
    QCOMPARE(m_instrument.drawn, drawn + 1);
    QVERIFY(m_host->lastBuildMilliseconds() > 0);
    QVERIFY(m_host->lastBuildMilliseconds() < 1000);
}

void TestInstrumentHost::isAccessible() {
    QCOMPARE(m_host->accessibleName(), QStringLiteral("Sample"));
    QCOMPARE(m_host->accessibleDescription(), QStringLiteral("Fourteen tokens, three recursions."));
    Cursor cursor;
    cursor.hoverPlace = 5;
    m_host->setCursor(cursor);
    QTRY_VERIFY(m_host->accessibleDescription().endsWith(QStringLiteral("Token 5.")));
    QCOMPARE(m_host->focusPolicy(), Qt::StrongFocus);

    const scene::Theme theme = scene::lightTheme();
    const QRgb accent = qRgb(theme.accent.r, theme.accent.g, theme.accent.b);
    m_host->clearFocus();
    QCOMPARE(grab().pixel(1, 110), qRgb(theme.surface.r, theme.surface.g, theme.surface.b));
    m_window->activateWindow();
    m_host->setFocus();
    QTRY_VERIFY(m_host->hasFocus());
    QCOMPARE(grab().pixel(1, 110), accent);
}

void TestInstrumentHost::aFailingInstrumentIsAMessage() {
    QTest::ignoreMessage(QtWarningMsg, "panel.sample: no such figure");
    m_instrument.fails = true;
    m_host->refresh();
    QTRY_VERIFY(m_host->accessibleDescription().contains(QStringLiteral("no such figure")));
    m_instrument.fails = false;
    m_host->refresh();
    QTRY_VERIFY(m_host->accessibleDescription().startsWith(QStringLiteral("Fourteen")));
}

/// The same scene without OpenGL: what a machine without a graphics processor gets.
void TestInstrumentHost::qtPaintsWhereAsked() {
    QVERIFY(m_host->usesOpenGl()); // as the environment of these tests asks
    m_window = std::make_unique<QWidget>();
    qputenv("DEPTHSCOPE_PANELS", "qt");
    const auto restore = qScopeGuard([] { qputenv("DEPTHSCOPE_PANELS", "imgui"); });
    m_host = new host::InstrumentHost(m_instrument, m_store, m_text);
    showIn(*m_window);
    QVERIFY(!m_host->usesOpenGl());
    m_host->clearFocus();
    const QImage wanted = paint::qt::toImage(m_host->scene(), scene::lightTheme().surface,
                                             m_host->devicePixelRatioF())
                              .convertToFormat(QImage::Format_RGB32);
    QCOMPARE(grab(), wanted);
}

int main(int argc, char** argv) {
    QCoreApplication::setAttribute(Qt::AA_ShareOpenGLContexts);
    QApplication application(argc, argv);
    TestInstrumentHost test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_instrument_host.moc"

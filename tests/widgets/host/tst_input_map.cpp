// SPDX-License-Identifier: MIT
// Qt's events become the instrument's input.
#include "widgets/host/input_map.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QPointingDevice>
#include <QTest>
#include <QWheelEvent>

using namespace depthscope;
using namespace depthscope::instruments;

class TestInputMap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mouse();
    void wheel_data();
    void wheel();
    void pinch();
    void keys_data();
    void keys();
    void othersAreNot();
};

Q_DECLARE_METATYPE(std::optional<Key>)

void TestInputMap::mouse() {
    const QMouseEvent press(QEvent::MouseButtonPress, {12.5, 7}, {0, 0}, Qt::MiddleButton,
                            Qt::MiddleButton, Qt::NoModifier);
    const auto pressed = host::inputOf(press);
    QVERIFY(pressed && std::holds_alternative<PointerPress>(*pressed));
    QCOMPARE(std::get<PointerPress>(*pressed).button, Button::Middle);
    QCOMPARE(std::get<PointerPress>(*pressed).at, (scene::Point{12.5F, 7}));

    const QMouseEvent back(QEvent::MouseButtonPress, {1, 1}, {0, 0}, Qt::BackButton, Qt::BackButton,
                           Qt::NoModifier);
    QVERIFY(!host::inputOf(back));

    const QMouseEvent twice(QEvent::MouseButtonDblClick, {3, 4}, {0, 0}, Qt::LeftButton,
                            Qt::LeftButton, Qt::NoModifier);
    const auto doubled = host::inputOf(twice);
    QVERIFY(doubled && std::holds_alternative<DoubleClick>(*doubled));

    QVERIFY(std::holds_alternative<PointerLeave>(*host::inputOf(QEvent(QEvent::Leave))));
}

void TestInputMap::wheel_data() {
    QTest::addColumn<QPoint>("pixels");
    QTest::addColumn<QPoint>("angle");
    QTest::addColumn<Qt::KeyboardModifiers>("modifiers");
    QTest::addColumn<double>("steps");
    QTest::addColumn<bool>("zoom");
    QTest::addColumn<bool>("sideways");
    const Qt::KeyboardModifiers none = Qt::NoModifier;
    const Qt::KeyboardModifiers ctrl = Qt::ControlModifier;
    const Qt::KeyboardModifiers shift = Qt::ShiftModifier;
    QTest::newRow("notch up") << QPoint() << QPoint(0, 120) << none << 1.0 << false << false;
    QTest::newRow("fine") << QPoint(0, 5) << QPoint(0, -30) << none << -0.25 << false << false;
    QTest::newRow("zoom") << QPoint() << QPoint(0, 240) << ctrl << 2.0 << true << false;
    QTest::newRow("shift") << QPoint() << QPoint(0, -120) << shift << -1.0 << false << true;
    QTest::newRow("tilt") << QPoint() << QPoint(-120, 0) << none << -1.0 << false << true;
    QTest::newRow("pixels only") << QPoint(0, 80) << QPoint() << none << 2.0 << false << false;
}

void TestInputMap::wheel() {
    QFETCH(QPoint, pixels);
    QFETCH(QPoint, angle);
    QFETCH(Qt::KeyboardModifiers, modifiers);
    QFETCH(double, steps);
    QFETCH(bool, zoom);
    QFETCH(bool, sideways);
    const QWheelEvent event({5, 6}, {0, 0}, pixels, angle, Qt::NoButton, modifiers,
                            Qt::NoScrollPhase, false);
    const auto input = host::inputOf(event);
    QVERIFY(input && std::holds_alternative<Wheel>(*input));
    const Wheel wheel = std::get<Wheel>(*input);
    QCOMPARE(wheel.steps, steps);
    QCOMPARE(wheel.zoom, zoom);
    QCOMPARE(wheel.sideways, sideways);
    QCOMPARE(wheel.at, (scene::Point{5, 6}));
}

void TestInputMap::pinch() {
    const auto gesture = [](Qt::NativeGestureType type, double value) {
        return QNativeGestureEvent(type, QPointingDevice::primaryPointingDevice(), 2, {9, 9},
                                   {9, 9}, {9, 9}, value, {});
    };
    const auto zoomed = host::inputOf(gesture(Qt::ZoomNativeGesture, 0.1));
    QVERIFY(zoomed && std::holds_alternative<Wheel>(*zoomed));
    QVERIFY(std::get<Wheel>(*zoomed).zoom);
    QVERIFY(std::get<Wheel>(*zoomed).steps > 0);
    QVERIFY(std::get<Wheel>(*host::inputOf(gesture(Qt::ZoomNativeGesture, -0.1))).steps < 0);
    QVERIFY(
        std::isfinite(std::get<Wheel>(*host::inputOf(gesture(Qt::ZoomNativeGesture, -5))).steps));
    QCOMPARE(std::get<KeyPress>(*host::inputOf(gesture(Qt::SmartZoomNativeGesture, 1))).key,
             Key::Fit);
    QVERIFY(!host::inputOf(gesture(Qt::RotateNativeGesture, 1)));
}

void TestInputMap::keys_data() {
    QTest::addColumn<int>("key");
    QTest::addColumn<Qt::KeyboardModifiers>("modifiers");
    QTest::addColumn<std::optional<Key>>("wanted");
    const auto row = [](const char* name, int key, Qt::KeyboardModifiers modifiers,
                        std::optional<Key> wanted) {
        QTest::newRow(name) << key << modifiers << wanted;
    };
    row("left", Qt::Key_Left, Qt::NoModifier, Key::Left);
    row("shift right", Qt::Key_Right, Qt::ShiftModifier, Key::Right);
    row("keypad plus", Qt::Key_Plus, Qt::KeypadModifier, Key::Plus);
    row("equal", Qt::Key_Equal, Qt::NoModifier, Key::Plus);
    row("return", Qt::Key_Return, Qt::NoModifier, Key::Enter);
    row("fit", Qt::Key_F, Qt::NoModifier, Key::Fit);
    row("find", Qt::Key_F, Qt::ControlModifier, std::nullopt);
    row("back", Qt::Key_Left, Qt::AltModifier, std::nullopt);
    row("letter", Qt::Key_Q, Qt::NoModifier, std::nullopt);
    row("tab", Qt::Key_Tab, Qt::NoModifier, std::nullopt);
}

void TestInputMap::keys() {
    QFETCH(int, key);
    QFETCH(Qt::KeyboardModifiers, modifiers);
    QFETCH(std::optional<Key>, wanted);
    const auto input = host::inputOf(QKeyEvent(QEvent::KeyPress, key, modifiers));
    QCOMPARE(input.has_value(), wanted.has_value());
    if (wanted) {
        QCOMPARE(std::get<KeyPress>(*input).key, *wanted);
        QCOMPARE(std::get<KeyPress>(*input).shift, modifiers.testFlag(Qt::ShiftModifier));
    }
}

void TestInputMap::othersAreNot() {
    QVERIFY(!host::inputOf(QEvent(QEvent::Show)));
    QVERIFY(!host::inputOf(QKeyEvent(QEvent::KeyRelease, Qt::Key_Left, Qt::NoModifier)));
}

QTEST_APPLESS_MAIN(TestInputMap)
#include "tst_input_map.moc"

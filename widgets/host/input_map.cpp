// SPDX-License-Identifier: MIT
#include "widgets/host/input_map.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace depthscope::host {

namespace {

using namespace instruments;

constexpr double kNotch = 120;         // Qt's angle of one wheel notch
constexpr double kPixelsPerNotch = 40; // for touch pads that report pixels alone
// A pinch to twice the size is as far as this many notches.
constexpr double kNotchesPerDoubling = 4;

scene::Point pointOf(QPointF p) {
    return {static_cast<float>(p.x()), static_cast<float>(p.y())};
}

std::optional<Button> buttonOf(Qt::MouseButton button) {
    switch (button) {
    case Qt::LeftButton:
        return Button::Left;
    case Qt::MiddleButton:
        return Button::Middle;
    case Qt::RightButton:
        return Button::Right;
    default:
        return std::nullopt;
    }
}

std::optional<Input> wheelOf(const QWheelEvent& event) {
    const bool angles = !event.angleDelta().isNull();
    const QPoint delta = angles ? event.angleDelta() : event.pixelDelta();
    const bool tilted = std::abs(delta.x()) > std::abs(delta.y());
    const int way = tilted ? delta.x() : delta.y();
    if (way == 0) {
        return std::nullopt;
    }
    Wheel wheel;
    wheel.at = pointOf(event.position());
    wheel.steps = way / (angles ? kNotch : kPixelsPerNotch);
    wheel.zoom = event.modifiers().testFlag(Qt::ControlModifier);
    wheel.sideways = tilted || event.modifiers().testFlag(Qt::ShiftModifier);
    return wheel;
}

std::optional<Input> gestureOf(const QNativeGestureEvent& event) {
    if (event.gestureType() == Qt::SmartZoomNativeGesture) {
        return KeyPress{Key::Fit, false};
    }
    if (event.gestureType() != Qt::ZoomNativeGesture) {
        return std::nullopt;
    }
    const double scale = std::max(0.1, 1.0 + event.value());
    return Wheel{pointOf(event.position()), std::log2(scale) * kNotchesPerDoubling, true, false};
}

std::optional<Key> keyOf(int key) {
    switch (key) {
    case Qt::Key_Left:
        return Key::Left;
    case Qt::Key_Right:
        return Key::Right;
    case Qt::Key_Up:
        return Key::Up;
    case Qt::Key_Down:
        return Key::Down;
    case Qt::Key_Home:
        return Key::Home;
    case Qt::Key_End:
        return Key::End;
    case Qt::Key_Escape:
        return Key::Escape;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return Key::Enter;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return Key::Plus;
    case Qt::Key_Minus:
        return Key::Minus;
    case Qt::Key_F:
        return Key::Fit;
    default:
        return std::nullopt;
    }
}

} // namespace

std::optional<KeyPress> keyPressOf(const QKeyEvent& event) {
    const Qt::KeyboardModifiers others =
        event.modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier);
    const std::optional<Key> key = keyOf(event.key());
    if (!key || others != Qt::NoModifier) {
        return std::nullopt;
    }
    return KeyPress{*key, event.modifiers().testFlag(Qt::ShiftModifier)};
}

std::optional<Input> inputOf(const QEvent& event) {
    switch (event.type()) {
    case QEvent::MouseMove:
        return PointerMove{pointOf(static_cast<const QMouseEvent&>(event).position())};
    case QEvent::Leave:
        return PointerLeave{};
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonRelease: {
        const auto& mouse = static_cast<const QMouseEvent&>(event);
        const std::optional<Button> button = buttonOf(mouse.button());
        if (!button) {
            return std::nullopt;
        }
        if (event.type() == QEvent::MouseButtonPress) {
            return PointerPress{pointOf(mouse.position()), *button};
        }
        return PointerRelease{pointOf(mouse.position()), *button};
    }
    case QEvent::MouseButtonDblClick: {
        const auto& mouse = static_cast<const QMouseEvent&>(event);
        if (mouse.button() != Qt::LeftButton) {
            return std::nullopt;
        }
        return DoubleClick{pointOf(mouse.position())};
    }
    case QEvent::Wheel:
        return wheelOf(static_cast<const QWheelEvent&>(event));
    case QEvent::NativeGesture:
        return gestureOf(static_cast<const QNativeGestureEvent&>(event));
    case QEvent::KeyPress: {
        const auto key = keyPressOf(static_cast<const QKeyEvent&>(event));
        return key ? std::optional<Input>(*key) : std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

} // namespace depthscope::host

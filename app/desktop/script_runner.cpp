// SPDX-License-Identifier: MIT
#include "app/desktop/script_runner.h"

#include "app/desktop/script_reasons.h"
#include "engine/base/error.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/banner.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/prompt_panel.h"
#include "widgets/panels/state_json.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QJsonDocument>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QSaveFile>
#include <QSpinBox>
#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::desktop {

namespace {

/// Loading a large model from a cold disk takes long; nothing else of a script should.
constexpr double kLoadSeconds = 300;

QString textOf(const QJsonValue& value) {
    if (value.isDouble()) {
        return QString::number(value.toDouble(), 'g', 12);
    }
    return value.isBool() ? (value.toBool() ? QStringLiteral("1") : QStringLiteral("0"))
                          : value.toString();
}

[[noreturn]] void refuse(const QString& message) {
    throw Error(ErrorCode::BadInput, message.toStdString());
}

double numberOf(const QJsonValue& value, double minimum, double maximum) {
    bool good = value.isDouble();
    const double number = good ? value.toDouble() : value.toString().toDouble(&good);
    if (!good || number < minimum || number > maximum) {
        refuse(QStringLiteral("%1 must be a number from %2 to %3")
                   .arg(textOf(value))
                   .arg(minimum)
                   .arg(maximum));
    }
    return number;
}

/// The middle of a cell, or of the first area that stands for the token; throws when it is not in
/// sight.
QPointF pointOf(const scene::Scene& scene, int column, int row) {
    if (const std::optional<scene::Rect> cell = scene::cellRect(scene, column, row)) {
        return {cell->x + cell->width / 2.0, cell->y + cell->height / 2.0};
    }
    refuse(QStringLiteral("[%1, %2] is not in view").arg(column).arg(row));
}

void sendMouse(QWidget& target,
               QEvent::Type type,
               QPointF at,
               Qt::MouseButton button,
               Qt::MouseButtons held) {
    QMouseEvent event(type, at, target.mapToGlobal(at), button, held, Qt::NoModifier);
    QApplication::sendEvent(&target, &event);
}

} // namespace

ScriptRunner::ScriptRunner(panels::MainWindow& window, std::vector<Step> steps, QObject* parent)
    : QObject(parent)
    , m_window(window)
    , m_steps(std::move(steps))
    , m_idle(window.lab()) {
    connect(&window.lab(), &lab::LabController::errorRaised, this,
            [this](const QString& title, const QString& message) {
                m_lastError = title + QStringLiteral(": ") + message;
            });
    connect(&window.lab(), &lab::LabController::clipChanged, this, [this] {
        const trace::ClipPtr& clip = m_window.lab().store().clip();
        if (clip && !clip->error.empty()) {
            m_lastError = QString::fromStdString(clip->error);
        }
    });
    connect(&m_idle, &IdleWaiter::timedOut, this,
            [this] { fail(QStringLiteral("still busy after the time limit")); });
    connect(&m_idle, &IdleWaiter::idle, this, [this] {
        if (m_failsOnError && !m_lastError.isEmpty()) {
            fail(m_lastError);
            return;
        }
        m_waiting = false;
        ++m_at;
        next();
    });
}

void ScriptRunner::start() {
    QTimer::singleShot(0, this, &ScriptRunner::next);
}

void ScriptRunner::next() {
    if (m_failed) {
        return;
    }
    if (m_at >= m_steps.size()) {
        Q_EMIT finished();
        return;
    }
    try {
        perform(m_steps[m_at]);
    } catch (const Error& error) {
        fail(QString::fromStdString(error.message()));
        return;
    }
    if (!m_waiting && !m_failed) {
        ++m_at;
        QTimer::singleShot(0, this, &ScriptRunner::next);
    }
}

void ScriptRunner::fail(const QString& reason) {
    if (!std::exchange(m_failed, true)) {
        Q_EMIT failed(static_cast<qsizetype>(m_at), reason);
    }
}

void ScriptRunner::await(double seconds, bool failsOnError, IdleWaiter::For what) {
    m_waiting = true;
    m_failsOnError = failsOnError;
    m_idle.start(seconds, what);
}

void ScriptRunner::perform(const Step& step) {
    m_lastError.clear();
    switch (step.kind) {
    case Step::Kind::Set:
        set(step);
        break;
    case Step::Kind::Text:
        m_window.prompt().setText(step.subject.toStdString());
        break;
    case Step::Kind::Press:
        press(step.subject);
        break;
    case Step::Kind::Click:
        click(step);
        break;
    case Step::Kind::Action:
        trigger(step.subject);
        break;
    case Step::Kind::Wait:
        await(step.seconds, false,
              step.subject == QLatin1String("tasks") ? IdleWaiter::For::Tasks
                                                     : IdleWaiter::For::Lab);
        break;
    case Step::Kind::Picture:
        if (!m_window.picture().save(step.subject)) {
            refuse(QStringLiteral("%1 could not be written").arg(step.subject));
        }
        break;
    case Step::Kind::Export:
        exportPanel(step);
        break;
    case Step::Kind::Dump:
        dump(step.to.toString());
        break;
    case Step::Kind::Open:
        m_window.openPath(step.subject);
        await(kLoadSeconds, true);
        break;
    case Step::Kind::Compare:
        if (!m_window.compareVideo(step.subject)) {
            refuse(m_window.banner().text());
        }
        await(kLoadSeconds, true);
        break;
    case Step::Kind::Save:
        if (m_window.lab().store().steps().empty()) {
            refuse(QStringLiteral("nothing to save yet"));
        }
        m_window.lab().saveRecording(step.subject);
        await(kLoadSeconds, true);
        break;
    case Step::Kind::Model:
        if (!m_window.openModel(step.subject)) {
            refuse(m_window.banner().text());
        }
        await(kLoadSeconds, true);
        break;
    }
}

void ScriptRunner::exportPanel(const Step& step) {
    panels::InstrumentPanel* panel = m_window.panel(step.subject);
    if (panel == nullptr) {
        refuse(whyNoPanel(m_window, step.subject));
    }
    m_window.exportPanel(*panel, step.to.toString(), step.figure);
}

void ScriptRunner::set(const Step& step) {
    if (step.subject == QLatin1String("theme")) {
        trigger(QStringLiteral("view.theme-") + textOf(step.to));
        return;
    }
    if (step.subject == QLatin1String("zoom")) {
        m_window.setZoom(numberOf(step.to, 0.7, 2.5));
        return;
    }
    const QString text = textOf(step.to);
    if (step.subject == QLatin1String("capacity") && text.contains(QLatin1Char(','))) {
        const std::vector<Fraction> capacity = settings::parseCapacity(text.toStdString());
        m_window.lab().edit(tr("Capacity"), -1,
                            [&](settings::LabSettings& s) { s.routing.capacity = capacity; });
        return;
    }
    auto* control = m_window.findChild<QWidget*>(step.subject);
    if (!control) {
        refuse(whyNoSetting(m_window, step.subject));
    }
    setControl(*control, step.to);
}

int ScriptRunner::indexIn(const QComboBox& choice, const QString& name) {
    if (choice.objectName() == QLatin1String("kv")) {
        return choice.findData(static_cast<int>(settings::parseKvPolicy(name.toStdString())));
    }
    if (choice.objectName() == QLatin1String("experts")) {
        return choice.findData(name);
    }
    if (choice.objectName() == QLatin1String("routing")) {
        return choice.findData(static_cast<int>(settings::parseRule(name.toStdString())));
    }
    return choice.findText(name); // a recipe, a source of text: as it is shown
}

void ScriptRunner::setControl(QWidget& control, const QJsonValue& to) {
    if (auto* fraction = qobject_cast<panels::FractionBox*>(&control)) {
        fraction->setText(textOf(to));
        fraction->setModified(true);
        Q_EMIT fraction->returnPressed();
        if (fraction->property("invalid").toBool()) {
            refuse(QStringLiteral("%1: %2").arg(textOf(to), fraction->toolTip()));
        }
    } else if (auto* slider = qobject_cast<panels::RatioSlider*>(&control)) {
        slider->setValue(static_cast<int>(std::lround(numberOf(to, 0, 1) * 1000)));
    } else if (auto* whole = qobject_cast<QSpinBox*>(&control)) {
        whole->setValue(static_cast<int>(numberOf(to, whole->minimum(), whole->maximum())));
    } else if (auto* real = qobject_cast<QDoubleSpinBox*>(&control)) {
        real->setValue(numberOf(to, real->minimum(), real->maximum()));
    } else if (auto* check = qobject_cast<QCheckBox*>(&control)) {
        check->setChecked(to.toBool());
    } else if (auto* line = qobject_cast<QLineEdit*>(&control)) {
        line->setText(textOf(to));
        Q_EMIT line->editingFinished();
    } else if (auto* choice = qobject_cast<QComboBox*>(&control)) {
        const int index = indexIn(*choice, textOf(to));
        const bool refused =
            index < 0 ||
            !(choice->model()->flags(choice->model()->index(index, 0)) & Qt::ItemIsEnabled);
        if (refused || !choice->isEnabled()) {
            refuse(whyNoChoice(*choice, index, textOf(to)));
        }
        choice->setCurrentIndex(index);
        Q_EMIT choice->activated(index);
    } else {
        refuse(QStringLiteral("%1 is not a setting").arg(control.objectName()));
    }
}

/// What has the keyboard: an open menu or list, else a dialog, else the window.
QWidget& ScriptRunner::pressed() const {
    if (QWidget* popup = QApplication::activePopupWidget()) {
        return *popup;
    }
    if (QWidget* modal = QApplication::activeModalWidget()) {
        return *modal;
    }
    auto* dialog = qobject_cast<QDialog*>(QApplication::activeWindow());
    return dialog != nullptr && dialog->isVisible() ? static_cast<QWidget&>(*dialog) : m_window;
}

void ScriptRunner::press(const QString& keys) {
    const QKeySequence sequence(keys);
    if (sequence.isEmpty() || sequence[0].key() == Qt::Key_unknown) {
        refuse(QStringLiteral("%1 is not a key").arg(keys));
    }
    QWidget& target = pressed();
    QWidget* focus = target.focusWidget() ? target.focusWidget() : &target;
    const QKeyCombination key = sequence[0];
    const bool takesText = focus->inherits("QPlainTextEdit") || focus->inherits("QLineEdit");
    const bool types = takesText &&
                       !(key.keyboardModifiers() & (Qt::ControlModifier | Qt::AltModifier)) &&
                       keys.size() == 1;
    if (!types) {
        for (QAction* action : m_window.findChildren<QAction*>()) {
            // Keys of the window are not those of its dialogs.
            const bool reaches =
                &target == &m_window || action->shortcutContext() == Qt::ApplicationShortcut;
            if (reaches && action->isEnabled() && action->shortcuts().contains(sequence)) {
                action->trigger();
                return;
            }
        }
    }
    for (const QEvent::Type type : {QEvent::KeyPress, QEvent::KeyRelease}) {
        QKeyEvent event(type, key.key(), key.keyboardModifiers(), types ? keys : QString());
        QApplication::sendEvent(focus, &event);
    }
}

void ScriptRunner::click(const Step& step) {
    panels::InstrumentPanel* panel = m_window.panel(step.subject);
    if (!panel) {
        refuse(whyNoPanel(m_window, step.subject));
    }
    host::InstrumentHost& target = panel->host();
    const QPointF at = step.column < 0 ? QRectF(target.rect()).center()
                                       : pointOf(target.scene(), step.column, step.row);
    target.setFocus(Qt::MouseFocusReason); // as a real click does: keys then go to the panel
    sendMouse(target, QEvent::MouseMove, at, Qt::NoButton, Qt::NoButton);
    sendMouse(target, QEvent::MouseButtonPress, at, Qt::LeftButton, Qt::LeftButton);
    sendMouse(target, QEvent::MouseButtonRelease, at, Qt::LeftButton, Qt::NoButton);
}

void ScriptRunner::trigger(const QString& name) {
    auto* action = m_window.findChild<QAction*>(name);
    auto* button = m_window.findChild<QAbstractButton*>(name);
    if (!action && !button) {
        refuse(whyNoAction(name));
    }
    if (action ? !action->isEnabled() : !button->isEnabled()) {
        refuse(whyNotNow(name, action));
    }
    if (action) {
        action->trigger();
    } else {
        button->click();
    }
}

void ScriptRunner::dump(const QString& file) {
    lab::LabController& lab = m_window.lab();
    QSaveFile target(file);
    const QByteArray json =
        QJsonDocument(panels::stateJson(lab.store().view(), lab.settings())).toJson();
    if (!target.open(QIODevice::WriteOnly) || target.write(json) != json.size() ||
        !target.commit()) {
        refuse(QStringLiteral("%1: %2").arg(file, target.errorString()));
    }
}

} // namespace depthscope::desktop

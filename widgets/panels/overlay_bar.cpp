// SPDX-License-Identifier: MIT
#include "widgets/panels/overlay_bar.h"

#include "widgets/host/instrument_host.h"
#include "widgets/panels/controls.h"

#include <QAbstractSpinBox>
#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSignalBlocker>
#include <algorithm>
#include <cmath>

namespace depthscope::panels {

namespace {

using instruments::Overlay;
using instruments::OverlayBy;

const QString kOverlayKey = QStringLiteral("videos/overlay");
const QString kByKey = QStringLiteral("videos/overlay-by");
const QString kOpacityKey = QStringLiteral("videos/overlay-opacity");
constexpr int kSliderWidth = 88;

bool isTextField(const QWidget* widget) {
    return qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QPlainTextEdit*>(widget) ||
           qobject_cast<const QAbstractSpinBox*>(widget);
}

} // namespace

OverlayBar::OverlayBar(host::InstrumentHost& picture, QWidget* parent)
    : QWidget(parent)
    , m_picture(picture) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    m_overlay = choice("clip.overlay-mode", tr("Overlay"),
                       tr("Overlay (O): what the run spent on each patch, over its pictures. Hold "
                          "H to hide it"));
    m_overlay->addItem(tr("No overlay"), static_cast<int>(Overlay::Off));
    m_overlay->addItem(tr("Tint"), static_cast<int>(Overlay::Tint));
    m_overlay->addItem(tr("Contour"), static_cast<int>(Overlay::Contour));
    m_overlay->addItem(tr("Dim"), static_cast<int>(Overlay::Dim));
    m_by =
        choice("clip.overlay-by", tr("Overlay by"),
               tr("By the recursions that a patch passed, or by the expert that it chose first"));
    m_by->addItem(tr("Depth"), static_cast<int>(OverlayBy::Depth));
    m_by->addItem(tr("Expert"), static_cast<int>(OverlayBy::Expert));
    m_opacity = new RatioSlider(this);
    m_opacity->setObjectName(QStringLiteral("clip.overlay-opacity"));
    m_opacity->setAccessibleName(tr("Opacity of the overlay"));
    m_opacity->setToolTip(m_opacity->accessibleName());
    m_opacity->setFixedWidth(kSliderWidth);
    row->addWidget(m_overlay);
    row->addWidget(m_by);
    row->addWidget(m_opacity);
    showState();
    connect(m_overlay, &QComboBox::currentIndexChanged, this, &OverlayBar::apply);
    connect(m_by, &QComboBox::currentIndexChanged, this, &OverlayBar::apply);
    connect(m_opacity, &QSlider::valueChanged, this, &OverlayBar::apply);
    qApp->installEventFilter(this);
}

OverlayBar::~OverlayBar() = default;

ChoiceBox* OverlayBar::choice(const char* name, const QString& title, const QString& tip) {
    auto* box = new ChoiceBox(this);
    box->setObjectName(QString::fromLatin1(name));
    box->setAccessibleName(title);
    box->setToolTip(tip);
    return box;
}

void OverlayBar::remember() {
    const QSettings kept;
    instruments::ViewState state = m_picture.viewState();
    const auto known = [&](const ChoiceBox& box, const QString& key, int now) {
        const int value = kept.value(key, now).toInt();
        return box.findData(value) >= 0 ? value : now;
    };
    state.overlay =
        static_cast<Overlay>(known(*m_overlay, kOverlayKey, static_cast<int>(state.overlay)));
    state.overlayBy =
        static_cast<OverlayBy>(known(*m_by, kByKey, static_cast<int>(state.overlayBy)));
    const double opacity = kept.value(kOpacityKey, state.overlayOpacity).toDouble();
    if (std::isfinite(opacity)) {
        state.overlayOpacity = std::clamp(opacity, 0.0, 1.0);
    }
    m_picture.setViewState(state);
    showState();
    m_remembers = true;
}

void OverlayBar::cycle() {
    m_overlay->setCurrentIndex((m_overlay->currentIndex() + 1) % m_overlay->count());
}

void OverlayBar::apply() {
    instruments::ViewState state = m_picture.viewState();
    state.overlay = static_cast<Overlay>(m_overlay->currentData().toInt());
    state.overlayBy = static_cast<OverlayBy>(m_by->currentData().toInt());
    state.overlayOpacity = static_cast<double>(m_opacity->value()) / m_opacity->maximum();
    m_picture.setViewState(state);
    showState();
    if (m_remembers) {
        QSettings settings;
        settings.setValue(kOverlayKey, static_cast<int>(state.overlay));
        settings.setValue(kByKey, static_cast<int>(state.overlayBy));
        settings.setValue(kOpacityKey, state.overlayOpacity);
    }
}

void OverlayBar::showState() {
    const QSignalBlocker quiet[] = {QSignalBlocker(m_overlay), QSignalBlocker(m_by),
                                    QSignalBlocker(m_opacity)};
    const instruments::ViewState& state = m_picture.viewState();
    m_overlay->setCurrentIndex(m_overlay->findData(static_cast<int>(state.overlay)));
    m_by->setCurrentIndex(m_by->findData(static_cast<int>(state.overlayBy)));
    m_opacity->setValue(static_cast<int>(std::lround(state.overlayOpacity * m_opacity->maximum())));
    const bool isOn = state.overlay != Overlay::Off;
    m_by->setEnabled(isOn);
    m_opacity->setEnabled(isOn);
}

void OverlayBar::hideOverlay(bool hidden) {
    instruments::ViewState state = m_picture.viewState();
    state.hidesOverlay = hidden;
    m_picture.setViewState(state);
}

/// No shortcut says when a key is released.
bool OverlayBar::eventFilter(QObject* watched, QEvent* event) {
    const bool isKey = event->type() == QEvent::KeyPress || event->type() == QEvent::KeyRelease;
    if (isKey && watched->isWidgetType()) {
        const auto& key = static_cast<const QKeyEvent&>(*event);
        const bool isOurs = key.key() == Qt::Key_H && key.modifiers() == Qt::NoModifier &&
                            isVisible() && !isTextField(QApplication::focusWidget()) &&
                            QApplication::activeModalWidget() == nullptr;
        if (isOurs && !key.isAutoRepeat()) {
            hideOverlay(event->type() == QEvent::KeyPress);
        }
        return isOurs || QWidget::eventFilter(watched, event);
    }
    if (event->type() == QEvent::ApplicationDeactivate || event->type() == QEvent::FocusOut) {
        hideOverlay(false); // the release goes elsewhere
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace depthscope::panels

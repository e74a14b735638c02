// SPDX-License-Identifier: MIT
#include "widgets/panels/picture_controls.h"

#include "widgets/host/instrument_host.h"
#include "widgets/panels/controls.h"

#include <QHBoxLayout>
#include <QSettings>
#include <algorithm>
#include <array>
#include <cmath>

namespace depthscope::panels {

namespace {

using instruments::PixelFilter;

constexpr std::array kZooms{0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0};
constexpr int kZoomLetters = 5;
constexpr int kFilterLetters = 6;
const QString kFilterKey = QStringLiteral("videos/filter");

} // namespace

PictureControls::PictureControls(host::InstrumentHost& picture, QWidget* parent)
    : QWidget(parent)
    , m_picture(picture) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    const auto box = [&](const char* name, const QString& title, const QString& tip, int letters) {
        auto* choice = new ChoiceBox(this);
        choice->setObjectName(QString::fromLatin1(name));
        choice->setAccessibleName(title);
        choice->setToolTip(tip);
        choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        choice->setMinimumContentsLength(letters);
        row->addWidget(choice);
        return choice;
    };
    m_filter = box("clip.filter", tr("Pixels"),
                   tr("Pixels: nearest keeps each one a sharp square, smooth blends them; auto is "
                      "nearest from 200 % on"),
                   kFilterLetters);
    m_filter->addItem(tr("Auto"), static_cast<int>(PixelFilter::Auto));
    m_filter->addItem(tr("Nearest"), static_cast<int>(PixelFilter::Sharp));
    m_filter->addItem(tr("Smooth"), static_cast<int>(PixelFilter::Smooth));
    m_zoom =
        box("clip.zoom", tr("Zoom"), tr("Zoom (wheel over the picture; F fits)"), kZoomLetters);
    m_zoom->addItem(tr("Fit"), 0.0);
    for (const double zoom : kZooms) {
        m_zoom->addItem(tr("%1 %").arg(std::lround(zoom * 100)), zoom);
    }
    connect(m_filter, &QComboBox::activated, this, [this](int index) {
        chooseFilter(static_cast<PixelFilter>(m_filter->itemData(index).toInt()));
    });
    connect(m_zoom, &QComboBox::activated, this,
            [this](int index) { zoomTo(m_zoom->itemData(index).toDouble()); });
    connect(&picture, &host::InstrumentHost::viewStateChanged, this, &PictureControls::showState);
    showState();
}

void PictureControls::remember() {
    m_remembers = true;
    const int kept = QSettings().value(kFilterKey, 0).toInt();
    chooseFilter(static_cast<PixelFilter>(m_filter->findData(kept) >= 0 ? kept : 0));
}

void PictureControls::chooseFilter(PixelFilter filter) {
    instruments::ViewState state = m_picture.viewState();
    state.filter = filter;
    m_picture.setViewState(state);
    if (m_remembers) {
        QSettings().setValue(kFilterKey, static_cast<int>(filter));
    }
    showState();
}

void PictureControls::zoomTo(double scale) {
    instruments::ViewState state = m_picture.viewState();
    state.pictureScale = scale;
    m_picture.setViewState(state);
    showState();
    Q_EMIT m_picture.viewStateChanged(state);
}

/// Between two zooms of the list, none is chosen: the line below the picture says the exact one.
void PictureControls::showState() {
    const instruments::ViewState& state = m_picture.viewState();
    int found = -1;
    for (int index = 0; index < m_zoom->count(); ++index) {
        const double zoom = m_zoom->itemData(index).toDouble();
        found = std::abs(zoom - state.pictureScale) < 1e-6 ? index : found;
    }
    m_zoom->setCurrentIndex(found);
    m_filter->setCurrentIndex(m_filter->findData(static_cast<int>(state.filter)));
}

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
#include "widgets/panels/comparison_bar.h"

#include "widgets/host/instrument_host.h"
#include "widgets/lab/clip_player.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <array>
#include <cmath>

namespace depthscope::panels {

namespace {

using instruments::Comparison;

constexpr std::array kGains{1, 2, 4, 8, 16};
/// Changes a second. Below three flashes a second, as accessibility guidelines (WCAG 2.3.1) ask.
constexpr std::array kRates{0.5, 1.0, 2.0, 4.0};
constexpr double kUsualRate = 2;
constexpr int kMargin = 12;

} // namespace

ComparisonBar::ComparisonBar(lab::ClipPlayer& player,
                             host::InstrumentHost& picture,
                             QWidget* parent)
    : QWidget(parent)
    , m_player(player)
    , m_picture(picture) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(kMargin, 2, kMargin, 2);
    row->setSpacing(4);
    m_mode = choice(*row, "clip.comparison", tr("Comparison"));
    m_mode->addItem(tr("Wipe"), static_cast<int>(Comparison::Wipe));
    m_mode->addItem(tr("Split"), static_cast<int>(Comparison::Split));
    m_mode->addItem(tr("Blink"), static_cast<int>(Comparison::Blink));
    m_mode->addItem(tr("Difference"), static_cast<int>(Comparison::Difference));
    m_gain = choice(*row, "clip.gain", tr("Gain of the difference"));
    for (const int gain : kGains) {
        m_gain->addItem(tr("x%1").arg(gain), gain);
    }
    m_rate = choice(*row, "clip.blink-rate", tr("Changes a second"));
    for (const double rate : kRates) {
        m_rate->addItem(tr("%1 a second").arg(rate), rate);
    }
    m_rate->setCurrentIndex(m_rate->findData(kUsualRate));
    row->addSpacing(8);
    m_name = new QLabel(this);
    m_name->setObjectName(QStringLiteral("muted"));
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    row->addWidget(m_name, 1);
    m_close = new QToolButton(this);
    m_close->setObjectName(QStringLiteral("headButton"));
    m_close->setAccessibleName(tr("End the comparison"));
    m_close->setToolTip(m_close->accessibleName());
    row->addWidget(m_close);
    connect(m_close, &QToolButton::clicked, &m_player, &lab::ClipPlayer::stopComparing);
    for (ChoiceBox* box : {m_mode, m_gain, m_rate}) {
        connect(box, &QComboBox::currentIndexChanged, this, &ComparisonBar::apply);
    }
    connect(&m_blink, &QTimer::timeout, this, &ComparisonBar::blink);
    hide();
}

ChoiceBox* ComparisonBar::choice(QHBoxLayout& row, const char* name, const QString& title) {
    auto* box = new ChoiceBox(this);
    box->setObjectName(QString::fromLatin1(name));
    box->setAccessibleName(title);
    box->setToolTip(title);
    row.addWidget(box);
    return box;
}

void ComparisonBar::setTheme(const scene::Theme& theme) {
    const int side = static_cast<int>(std::lround(16 * theme.zoom));
    m_close->setIcon(icon(Icon::Close, theme));
    m_close->setIconSize({side, side});
}

void ComparisonBar::refresh() {
    const trace::ClipView* clip = m_player.clip();
    const bool compares = clip && clip->other;
    if (compares) {
        m_name->setText(tr("B: %1").arg(QString::fromStdString(clip->other->name)));
        m_name->setToolTip(QString::fromStdString(clip->other->file));
    }
    if (compares == isHidden()) {
        setVisible(compares);
        apply();
    }
}

void ComparisonBar::apply() {
    const auto mode = static_cast<Comparison>(m_mode->currentData().toInt());
    const bool compares = !isHidden();
    m_gain->setVisible(mode == Comparison::Difference);
    m_rate->setVisible(mode == Comparison::Blink);
    instruments::ViewState state = m_picture.viewState();
    state.comparison = mode;
    state.showsOther = state.showsOther && mode == Comparison::Blink && compares;
    m_picture.setViewState(state);
    if (compares && mode == Comparison::Blink) {
        m_blink.start(static_cast<int>(std::lround(1000 / m_rate->currentData().toDouble())));
    } else {
        m_blink.stop();
    }
    m_player.setDifferenceGain(
        compares && mode == Comparison::Difference ? m_gain->currentData().toInt() : 0);
    Q_EMIT m_picture.viewStateChanged(state);
}

void ComparisonBar::blink() {
    instruments::ViewState state = m_picture.viewState();
    state.showsOther = !state.showsOther;
    m_picture.setViewState(state);
}

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
#include "widgets/panels/video_panel.h"

#include "widgets/instruments/video_layout.h"
#include "widgets/lab/clip_player.h"
#include "widgets/lab/run_clips.h"
#include "widgets/panels/comparison_bar.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/instrument_panel.h"
#include "widgets/panels/overlay_bar.h"
#include "widgets/panels/picture_controls.h"
#include "widgets/panels/seek_bar.h"
#include "widgets/panels/window_actions.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeySequence>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>

namespace depthscope::panels {

namespace {

constexpr std::array kSpeeds{0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0};
constexpr int kMargin = 12;
constexpr int kLeastWidth = 500;
constexpr int kSpeedLetters = 4;
constexpr int kMostFrames = 1 << 24;

QString speedText(double speed) {
    return QStringLiteral("%1x").arg(speed);
}

} // namespace

VideoPanel::VideoPanel(lab::LabController& lab, InstrumentPanel& picture, QWidget* parent)
    : QWidget(parent)
    , m_player(*new lab::ClipPlayer(lab, this))
    , m_runs(*new lab::RunClips(lab, m_player, this))
    , m_picture(picture)
    , m_theme(scene::lightTheme()) {
    buildCommands();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 4);
    column->setSpacing(0);
    column->addWidget(&picture, 1);
    auto* bars = new QHBoxLayout;
    bars->setSpacing(0);
    m_comparison = new ComparisonBar(lab, m_player, m_runs, picture.host(), this);
    bars->addWidget(m_comparison, 1);
    m_overlay = new OverlayBar(picture.host(), this);
    m_overlay->setContentsMargins(kMargin, 2, kMargin, 2);
    bars->addWidget(m_overlay, 0, Qt::AlignRight);
    column->addLayout(bars);
    m_seek = new SeekBar(this);
    column->addWidget(m_seek);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(kMargin - 4, 2, kMargin, 4);
    row->setSpacing(2);
    buildControls(*row);
    column->addLayout(row);
    connect(m_seek, &SeekBar::seekRequested, &m_player, &lab::ClipPlayer::seek);
    connect(m_seek, &SeekBar::stepRequested, &m_player, &lab::ClipPlayer::step);
    connect(&m_player, &lab::ClipPlayer::changed, this, &VideoPanel::refresh);
    connect(&picture.host(), &host::InstrumentHost::viewStateChanged, this, &VideoPanel::tellRoom);
    connect(&picture.host(), &host::InstrumentHost::resized, this, &VideoPanel::tellRoom);
    refresh();
}

QAction*
VideoPanel::command(const char* name, const QString& text, Icon which, const QKeySequence& key) {
    auto* action = new QAction(text, this);
    action->setObjectName(QString::fromLatin1(name));
    action->setShortcut(key);
    action->setToolTip(
        key.isEmpty() ? text : tr("%1 (%2)").arg(text, key.toString(QKeySequence::NativeText)));
    m_commands << action;
    m_icons.emplace_back(action, which);
    return action;
}

void VideoPanel::buildCommands() {
    using lab::ClipPlayer;
    const auto run = [this](QAction* action, auto what) {
        connect(action, &QAction::triggered, &m_player, what);
        return action;
    };
    ClipPlayer& player = m_player;
    m_play = run(command("clip.play", tr("Play"), Icon::Run, Qt::Key_Space),
                 [&player] { player.togglePlaying(); });
    run(command("clip.back", tr("Play backwards, then faster"), Icon::Previous, Qt::Key_J),
        [&player] { player.shuttle(-1); });
    run(command("clip.pause", tr("Pause"), Icon::Pause, Qt::Key_K),
        [&player] { player.setPlaying(false); });
    run(command("clip.forward", tr("Play forwards, then faster"), Icon::Next, Qt::Key_L),
        [&player] { player.shuttle(1); });
    m_commands << nullptr;
    m_first = run(command("clip.first", tr("First frame"), Icon::First, Qt::Key_Home),
                  [&player] { player.seek(0); });
    m_previous = run(command("clip.prev", tr("Previous frame"), Icon::Previous, {}),
                     [&player] { player.step(-1); });
    m_next =
        run(command("clip.next", tr("Next frame"), Icon::Next, {}), [&player] { player.step(1); });
    m_last = run(command("clip.last", tr("Last frame"), Icon::Last, Qt::Key_End), [&player] {
        player.seek(player.hasFrames() ? player.clip()->frameCount - 1 : 0);
    });
    m_commands << nullptr;
    m_in = run(command("clip.in", tr("Begin here"), Icon::MarkIn, Qt::Key_I),
               [&player] { player.markIn(); });
    m_out = run(command("clip.out", tr("End here"), Icon::MarkOut, Qt::Key_O),
                [&player] { player.markOut(); });
    m_clear = run(command("clip.all", tr("Play all frames"), Icon::Reset, {}),
                  [&player] { player.clearMarks(); });
    m_loop = command("clip.loop", tr("Play again and again"), Icon::Loop, {});
    m_loop->setCheckable(true);
    connect(m_loop, &QAction::triggered, &m_player, &ClipPlayer::setLooping);
    m_commands << nullptr;
    m_compare = command("clip.compare", tr("Compare with another video…"), Icon::Compare, {});
    connect(m_compare, &QAction::triggered, this, &VideoPanel::compareRequested);
    m_nextOverlay = command("clip.overlay", tr("Next overlay"), Icon::Overlay, {});
    connect(m_nextOverlay, &QAction::triggered, this, [this] { m_overlay->cycle(); });
    m_export = command("file.export-video", tr("Export video…"), Icon::Save,
                       QKeySequence(tr("Ctrl+Shift+E")));
    connect(m_export, &QAction::triggered, this, &VideoPanel::exportRequested);
    m_picture.addAction(m_export); // in its menu too
}

void VideoPanel::addButton(QHBoxLayout& row, QAction* action) {
    auto* button = new QToolButton(this);
    button->setObjectName(QStringLiteral("headButton")); // as small as those of a dock's head
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setAccessibleName(action->text());
    row.addWidget(button);
}

void VideoPanel::buildControls(QHBoxLayout& row) {
    for (QAction* action : {m_first, m_previous, m_play, m_next, m_last}) {
        addButton(row, action);
    }
    row.addSpacing(8);
    m_frame = new QSpinBox(this);
    m_frame->setObjectName(QStringLiteral("clip.frame"));
    m_frame->setAccessibleName(tr("Frame number"));
    m_frame->setToolTip(tr("Frame number, from 0: type one and press Enter"));
    m_frame->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_frame->setAlignment(Qt::AlignRight);
    m_frame->setKeyboardTracking(false);
    m_frame->setRange(0, 0);
    row.addWidget(m_frame);
    m_lastFrame = new QLabel(this);
    m_lastFrame->setObjectName(QStringLiteral("muted"));
    row.addSpacing(4);
    row.addWidget(m_lastFrame);
    row.addStretch(1);
    for (QAction* action : {m_compare, m_export, m_in, m_out, m_clear, m_loop}) {
        addButton(row, action);
    }
    row.addSpacing(8);
    m_speed = new ChoiceBox(this);
    m_speed->setObjectName(QStringLiteral("clip.speed"));
    m_speed->setAccessibleName(tr("Speed"));
    m_speed->setToolTip(tr("Speed (J and L: backwards and forwards, each time faster)"));
    for (const double speed : kSpeeds) {
        m_speed->addItem(speedText(speed), speed);
    }
    m_speed->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_speed->setMinimumContentsLength(kSpeedLetters);
    row.addWidget(m_speed);
    row.addSpacing(4);
    m_look = new PictureControls(m_picture.host(), this);
    row.addWidget(m_look);
    connect(m_frame, &QSpinBox::valueChanged, &m_player, &lab::ClipPlayer::seek);
    connect(m_speed, &QComboBox::activated, this, [this](int index) {
        const double speed = m_speed->itemData(index).toDouble();
        const bool isBack = m_player.clip() && m_player.clip()->speed < 0;
        m_player.setSpeed(isBack ? -speed : speed);
    });
}

void VideoPanel::remember() {
    m_look->remember();
    m_overlay->remember();
}

/// Pictures that play need not be larger than they are shown.
void VideoPanel::tellRoom() {
    host::InstrumentHost& host = m_picture.host();
    const instruments::VideoLayout layout =
        instruments::videoLayout(m_player.clip(), host.viewState(), host.viewport());
    if (layout.a) {
        m_player.setRoom(instruments::shownSize(layout, host.devicePixelRatioF()));
    }
}

void VideoPanel::setTheme(const scene::Theme& theme) {
    m_theme = theme;
    m_seek->setTheme(theme);
    m_comparison->setTheme(theme);
    for (const auto& [action, which] : m_icons) {
        action->setIcon(icon(which, theme));
    }
    const int side = static_cast<int>(std::lround(16 * theme.zoom));
    for (QToolButton* button : findChildren<QToolButton*>(QString(), Qt::FindDirectChildrenOnly)) {
        button->setIconSize({side, side});
    }
    refresh();
}

QSize VideoPanel::sizeHint() const {
    return {400, 520};
}

/// Controls that are not polished yet ask for more than they take, and the window would grow.
QSize VideoPanel::minimumSizeHint() const {
    const int most = static_cast<int>(std::lround(kLeastWidth * m_theme.zoom));
    const QSize own = QWidget::minimumSizeHint();
    return {std::min(own.width(), most), own.height()};
}

void VideoPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refreshActive();
}

void VideoPanel::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    m_player.setPlaying(false);
    refreshActive();
}

void VideoPanel::refreshActive() {
    const bool active = isVisible() && m_player.hasFrames();
    for (QAction* action : m_commands) {
        if (action && action != m_nextOverlay) {
            allow(*action, active, tr("Open a video first"));
        }
    }
    m_player.setOnScreen(isVisible());
    if (active != m_isActive) {
        m_isActive = active;
        // These two keys are those of the steps of a run as long as no clip is on screen.
        m_previous->setShortcut(active ? QKeySequence(Qt::Key_Comma) : QKeySequence());
        m_next->setShortcut(active ? QKeySequence(Qt::Key_Period) : QKeySequence());
        Q_EMIT activeChanged(active);
    }
    refreshOverlay();
}

/// O is the key of the overlay while the pictures of a run are on screen, else that of the last
/// frame that plays, which has another one beside it.
void VideoPanel::refreshOverlay() {
    const bool isRun = m_isActive && m_runs.isShown();
    m_overlay->setVisible(m_runs.isShown());
    if (m_nextOverlay->isEnabled() == isRun) {
        return;
    }
    allow(*m_nextOverlay, isRun, tr("Show the pictures of a run first"));
    const QKeySequence key(Qt::Key_O);
    const QKeySequence other(Qt::SHIFT | Qt::Key_O);
    m_nextOverlay->setShortcut(isRun ? key : QKeySequence());
    m_out->setShortcuts(isRun ? QList{other} : QList{key, other});
    m_out->setToolTip(
        tr("%1 (%2)").arg(m_out->text(), (isRun ? other : key).toString(QKeySequence::NativeText)));
}

void VideoPanel::refresh() {
    const trace::ClipView* clip = m_player.clip();
    const bool hasFrames = m_player.hasFrames();
    m_picture.refresh();
    m_comparison->refresh();
    tellRoom();
    m_seek->setClip(m_player.state());
    refreshActive();
    for (QWidget* control : {static_cast<QWidget*>(m_frame), static_cast<QWidget*>(m_speed),
                             static_cast<QWidget*>(m_look)}) {
        control->setEnabled(hasFrames);
    }
    const QSignalBlocker quiet(m_frame);
    const auto last =
        hasFrames ? static_cast<int>(std::min<std::int64_t>(clip->frameCount, kMostFrames)) - 1 : 0;
    m_frame->setRange(0, last);
    const bool isBeingTyped =
        m_frame->hasFocus() && m_frame->cleanText() != QString::number(m_frame->value());
    if (!isBeingTyped) {
        m_frame->setValue(hasFrames ? static_cast<int>(clip->target) : 0);
    }
    m_lastFrame->setText(hasFrames ? tr("/ %1").arg(last) : QString());
    const bool playing = hasFrames && clip->playing;
    m_play->setText(playing ? tr("Pause") : tr("Play"));
    m_play->setIcon(icon(playing ? Icon::Pause : Icon::Run, m_theme));
    m_play->setToolTip(playing ? tr("Pause (Space)") : tr("Play (Space)"));
    m_loop->setChecked(hasFrames && clip->looping);
    allow(*m_clear, m_isActive && clip->range.has_value(),
          m_isActive ? tr("All frames play already") : tr("Open a video first"));
    const double speed = hasFrames ? std::abs(clip->speed) : 1.0;
    m_speed->setCurrentIndex(m_speed->findText(speedText(speed)));
}

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
#include "widgets/panels/comparison_bar.h"

#include "widgets/host/instrument_host.h"
#include "widgets/instruments/video_facts.h"
#include "widgets/lab/clip_player.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/lab/run_clips.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/icons.h"
#include "widgets/panels/kept_folder.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QStringList>
#include <QToolButton>
#include <QVBoxLayout>
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
/// Before the folder of a model that could be compared; alone: one that is to be asked for.
const QString kModel = QStringLiteral("model:");

} // namespace

ComparisonBar::ComparisonBar(lab::LabController& lab,
                             lab::ClipPlayer& player,
                             lab::RunClips& runs,
                             host::InstrumentHost& picture,
                             QWidget* parent)
    : QWidget(parent)
    , m_lab(lab)
    , m_player(player)
    , m_runs(runs)
    , m_picture(picture) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kMargin, 2, kMargin, 2);
    column->setSpacing(2);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    column->addLayout(row);
    m_control = new QLabel(this);
    m_control->setObjectName(QStringLiteral("muted"));
    m_control->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    column->addWidget(m_control);
    m_beside = choice(*row, "clip.beside", tr("What stands beside the prediction"));
    m_mode = choice(*row, "clip.comparison", tr("Comparison"));
    m_mode->addItem(tr("Wipe"), static_cast<int>(Comparison::Wipe));
    m_mode->addItem(tr("Split"), static_cast<int>(Comparison::Split));
    m_mode->addItem(tr("Blink"), static_cast<int>(Comparison::Blink));
    m_mode->addItem(tr("Difference"), static_cast<int>(Comparison::Difference));
    m_modes = {m_mode->findData(static_cast<int>(Comparison::Wipe)),
               m_mode->findData(static_cast<int>(Comparison::Split))};
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
    row->addStretch(); // where there is no name
    connect(m_close, &QToolButton::clicked, this, &ComparisonBar::close);
    connect(m_beside, &QComboBox::activated, this, &ComparisonBar::chooseBeside);
    connect(&m_lab, &lab::LabController::traceChanged, this, &ComparisonBar::refreshName);
    const auto findModels = [this] {
        const auto model = m_lab.model();
        m_models = model ? m_lab.catalog().comparable(*model) : QList<lab::ModelEntry>();
    };
    connect(&m_lab, &lab::LabController::modelChanged, this, findModels);
    findModels();
    connect(&m_runs, &lab::RunClips::changed, this, &ComparisonBar::refresh);
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
    box->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed); // the name takes what is left
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
    const bool compares = clip != nullptr && clip->other;
    const bool isRun = m_runs.isShown();
    const bool comparesFile = compares && clip->other->run.empty();
    fillBeside();
    m_beside->setVisible(isRun);
    m_close->setVisible(comparesFile || !isRun); // else the choice has "alone"
    refreshName();
    const bool isOther = compares != m_compares || isRun != m_isRun;
    m_modes.at(m_isRun ? 1 : 0) = m_mode->currentIndex();
    m_compares = compares;
    m_isRun = isRun;
    setVisible(compares || (isRun && !m_runs.offered().empty()));
    if (isOther) {
        const QSignalBlocker quiet(m_mode);
        m_mode->setCurrentIndex(m_modes.at(m_isRun ? 1 : 0));
        apply();
    }
}

/// What stands beside, or in what the two runs differ and in what they do not.
void ComparisonBar::refreshName() {
    const trace::ClipView* clip = m_player.clip();
    const bool compares = clip != nullptr && clip->other;
    const bool isFile = compares && clip->other->run.empty();
    m_name->setText(isFile ? tr("B: %1").arg(QString::fromStdString(clip->other->name))
                           : QString());
    m_name->setToolTip(isFile ? QString::fromStdString(clip->other->file) : QString());
    const QString control = compares && !isFile ? controlText() : QString();
    m_control->setText(control);
    m_control->setToolTip(control);
    m_control->setVisible(!control.isEmpty());
}

/// "demo-dit as trained; same clip, noise 1, 8 Euler steps": the control of the comparison.
QString ComparisonBar::controlText() const {
    const trace::RunKey key = m_runs.beside();
    const trace::TraceView view = m_lab.store().view();
    const trace::RunView* run = view.other(key);
    if (key == trace::kTruthRun || run == nullptr) {
        return {}; // what is true needs no control
    }
    const QString model = QString::fromStdString(run->latest->model->name);
    const settings::VideoSettings& video = m_lab.settings().video;
    const QString what = key == trace::kFullDepthRun
                             ? tr("%1, every patch at every recursion").arg(model)
                         : key == trace::kVanillaRun ? tr("%1 as trained").arg(model)
                                                     : model;
    return tr("%1; same clip, noise %2, %3 %4 steps")
        .arg(what)
        .arg(video.noiseSeed)
        .arg(run->latest->step + 1)
        .arg(video.heun ? tr("Heun") : tr("Euler"));
}

QString ComparisonBar::runText(const std::string& run) const {
    const scene::TextService& text = *m_picture.viewport().text;
    return tr("Beside: %1")
        .arg(QString::fromStdString(text.translate(instruments::runName(run).c_str())));
}

/// The runs that could stand beside, and the models that could make one; none is chosen while a
/// file does.
void ComparisonBar::fillBeside() {
    QStringList keys{QString()};
    QStringList names{tr("Alone")};
    for (const trace::RunKey& run : m_runs.offered()) {
        keys << QString::fromStdString(run);
        names << runText(run);
    }
    const auto model = m_lab.model();
    if (m_lab.live() && model && model->clip) {
        for (const lab::ModelEntry& entry : m_models) {
            keys << kModel + entry.folder;
            names << tr("Model: %1").arg(entry.name);
        }
        keys << kModel;
        names << tr("Another model…");
    }
    QStringList now;
    for (int index = 0; index < m_beside->count(); ++index) {
        now << m_beside->itemData(index).toString();
    }
    if (now != keys) {
        m_beside->clear();
        for (qsizetype n = 0; n < keys.size(); ++n) {
            m_beside->addItem(names.at(n), keys.at(n));
        }
    }
    const trace::ClipView* clip = m_player.clip();
    const bool comparesFile = clip != nullptr && clip->other && clip->other->run.empty();
    m_beside->setCurrentIndex(
        comparesFile ? -1 : m_beside->findData(QString::fromStdString(m_runs.beside())));
}

void ComparisonBar::chooseBeside(int index) {
    const QString key = m_beside->itemData(index).toString();
    if (!key.startsWith(kModel)) {
        m_runs.setBeside(key.toStdString());
        return;
    }
    const QString folder =
        key != kModel ? key.mid(kModel.size())
                      : askForFolder(*this, {QStringLiteral("model"), tr("Compare with a model")});
    if (!folder.isEmpty()) {
        m_lab.compareWithModel(folder);
        m_runs.setBeside(trace::kVanillaRun); // as soon as it is there
    }
    fillBeside();
}

void ComparisonBar::close() {
    if (m_isRun) {
        m_runs.setBeside({});
    } else {
        m_player.stopComparing();
    }
}

void ComparisonBar::apply() {
    const auto mode = static_cast<Comparison>(m_mode->currentData().toInt());
    m_mode->setVisible(m_compares);
    m_gain->setVisible(m_compares && mode == Comparison::Difference);
    m_rate->setVisible(m_compares && mode == Comparison::Blink);
    instruments::ViewState state = m_picture.viewState();
    state.comparison = mode;
    state.showsOther = state.showsOther && mode == Comparison::Blink && m_compares;
    m_picture.setViewState(state);
    if (m_compares && mode == Comparison::Blink) {
        m_blink.start(static_cast<int>(std::lround(1000 / m_rate->currentData().toDouble())));
    } else {
        m_blink.stop();
    }
    m_player.setDifferenceGain(
        m_compares && mode == Comparison::Difference ? m_gain->currentData().toInt() : 0);
    Q_EMIT m_picture.viewStateChanged(state);
}

void ComparisonBar::blink() {
    instruments::ViewState state = m_picture.viewState();
    state.showsOther = !state.showsOther;
    m_picture.setViewState(state);
}

} // namespace depthscope::panels

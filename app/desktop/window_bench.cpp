// SPDX-License-Identifier: MIT
#include "app/desktop/window_bench.h"

#include "engine/base/quantile.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/controls.h"

#include <QComboBox>
#include <QJsonDocument>
#include <QJsonObject>
#include <cmath>
#include <cstdio>

namespace depthscope::desktop {

namespace {

constexpr int kMoves = 60;
/// So many beats that the thousandth longest is not the longest, or so many seconds.
constexpr std::size_t kBeats = 4000;
constexpr qint64 kPhaseMilliseconds = 25'000;
constexpr int kHeatmapFrames = 40;
constexpr int kHeatmapTokens = 4096;
constexpr int kHeatmapRecursions = 12;
constexpr int kGeneratedTokens = 192;
constexpr double kPatienceSeconds = 60;

double milliseconds(const QElapsedTimer& timer) {
    return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

/// A heatmap of the size that the figure is about; its values do not matter, its cells do.
trace::StepPtr largeStep() {
    auto model = std::make_shared<spec::ModelInfo>();
    model->name = "bench";
    model->recursions = kHeatmapRecursions;
    model->router = spec::RouterKind::Expert;
    auto step = std::make_shared<trace::StepTrace>();
    step->run = 1;
    step->model = model;
    trace::RoutingStep& routing = step->routing;
    trace::TextContent& text = step->makeText();
    routing.layout.columns = kHeatmapTokens;
    routing.recursions = kHeatmapRecursions;
    step->settings.rule = settings::Rule::TopK;
    for (int t = 0; t < kHeatmapTokens; ++t) {
        text.ids.push_back(t % 1024);
        routing.depth.push_back(static_cast<std::uint8_t>(1 + t % kHeatmapRecursions));
        text.text += 't';
        text.pieceEnds.push_back(static_cast<std::uint32_t>(text.text.size()));
    }
    for (int r = 0; r < kHeatmapRecursions; ++r) {
        for (int t = 0; t < kHeatmapTokens; ++t) {
            const bool considered = r <= t % kHeatmapRecursions + 1;
            routing.scores.push_back(
                considered ? static_cast<float>((t * 37 + r * 11) % 100) / 100.0F : std::nanf(""));
        }
    }
    return step;
}

} // namespace

WindowBench::WindowBench(panels::MainWindow& window,
                         const scene::TextService& text,
                         const QElapsedTimer& sinceStart,
                         QObject* parent)
    : QObject(parent)
    , m_window(window)
    , m_text(text)
    , m_sinceStart(sinceStart)
    , m_idle(window.lab())
    , m_training(window.lab())
    , m_clip(window) {
    panels::InstrumentPanel* panel = m_window.panel(QStringLiteral("panel.depth"));
    m_depth = panel ? &panel->host() : nullptr;
    connect(&m_clip, &ClipBench::begun, &m_heart, &Heartbeat::start);
    connect(&m_clip, &ClipBench::finished, this, &WindowBench::onClipPlayed);
    connect(&m_idle, &IdleWaiter::idle, this, &WindowBench::onIdle);
    connect(&m_idle, &IdleWaiter::timedOut, this, [this] { print(4); });
    connect(&m_training, &panels::TrainController::changed, this, &WindowBench::onTraining);
}

WindowBench::~WindowBench() = default;

void WindowBench::start() {
    if (!m_depth) {
        print(4);
        return;
    }
    connect(m_depth, &host::InstrumentHost::framePainted, this, &WindowBench::onPainted);
    // A picture that never comes must not hold the program.
    QTimer::singleShot(static_cast<int>(5000 * kPatienceSeconds), this, [this] {
        if (m_phase != Phase::Done) {
            print(4);
        }
    });
    m_heart.start();
    m_idle.start(kPatienceSeconds);
}

void WindowBench::startPlaying() {
    m_clipAlone = true;
    startClip();
}

void WindowBench::startRerouting() {
    m_movesAlone = true;
    start();
}

void WindowBench::onPainted() {
    const trace::TraceView view = m_window.lab().store().view();
    if (view.main && !m_firstRecorded && view.source == trace::Source::Recorded) {
        m_firstRecorded = true;
        report(QStringLiteral("start to first painted heatmap, recording"), QStringLiteral("ms"),
               milliseconds(m_sinceStart));
    }
    if (view.main && !view.computing && !m_firstLive && view.source == trace::Source::Live) {
        m_firstLive = true;
        report(QStringLiteral("start to first painted heatmap, live"), QStringLiteral("ms"),
               milliseconds(m_sinceStart));
    }
    const bool shown = m_window.lab().revisionInForce() == m_window.lab().revision();
    if (m_phase == Phase::Slider && m_sinceMove.isValid() && shown) {
        (m_overlay != nullptr && m_movesLeft % 2 != 0 ? m_movesBare : m_moves)
            .push_back(milliseconds(m_sinceMove));
        m_sinceMove.invalidate();
        QTimer::singleShot(0, this, &WindowBench::moveSlider);
    }
}

void WindowBench::onIdle() {
    switch (m_phase) {
    case Phase::Starting:
        if (!m_window.lab().live() || !m_window.lab().model()) {
            print(4);
            return;
        }
        report(QStringLiteral("longest pause of the heartbeat at the start"), QStringLiteral("ms"),
               quantile(m_heart.beats(), 1),
               QStringLiteral("%1 beats from the first show to idle").arg(m_heart.beats().size()));
        m_heart.start();
        if (m_movesAlone) {
            startMoves();
            break;
        }
        m_phase = Phase::Loading;
        m_sincePhase.start();
        loadAgain();
        break;
    case Phase::Loading:
        loadAgain();
        break;
    case Phase::Slider:
        break;
    case Phase::Generating:
        generateAgain();
        break;
    case Phase::Training:
    case Phase::Clip:
    case Phase::Heatmap:
    case Phase::Done:
        break;
    }
}

void WindowBench::moveSlider() {
    auto* slider = m_window.findChild<panels::RatioSlider*>(QStringLiteral("capacity.slider"));
    if (m_movesLeft-- > 0 && slider && slider->isVisible()) {
        if (m_overlay != nullptr) {
            m_overlay->setCurrentIndex(m_movesLeft % 2 != 0 ? 0 : 1);
        }
        m_sinceMove.start();
        slider->setValue(300 + (m_movesLeft % 2 == 0 ? 1 : 400) + m_movesLeft);
        return;
    }
    report(QStringLiteral("slider to first new picture, median"), QStringLiteral("ms"),
           quantile(m_moves, 0.5));
    report(QStringLiteral("slider to first new picture, 99th percentile"), QStringLiteral("ms"),
           quantile(m_moves, 0.99), QStringLiteral("%1 moves").arg(m_moves.size()));
    if (m_overlay != nullptr) {
        report(QStringLiteral("the same without the overlay of a clip, median"),
               QStringLiteral("ms"), quantile(m_movesBare, 0.5),
               QStringLiteral("%1 moves, by turns").arg(m_movesBare.size()));
    }
    if (m_movesAlone) {
        reportHeartbeat(QStringLiteral("heartbeat while a capacity moves"));
        m_phase = Phase::Done;
        print(0);
        return;
    }
    m_phase = Phase::Generating;
    m_window.lab().edit(tr("Count"), -1,
                        [](settings::LabSettings& s) { s.generation.count = kGeneratedTokens; });
    m_sincePhase.start();
    m_heart.start();
    generateAgain();
}

void WindowBench::generateAgain() {
    if (m_heart.beats().size() < kBeats && m_sincePhase.elapsed() < kPhaseMilliseconds) {
        m_window.lab().generate();
        m_idle.start(kPatienceSeconds);
        return;
    }
    reportHeartbeat(QStringLiteral("heartbeat while generating"));
    startTraining();
}

/// A small model on graded text, whose reports are many; it is stopped after the usual time.
void WindowBench::startTraining() {
    m_phase = Phase::Training;
    runtime::TrainRequest request;
    request.preset = "tiny-mor-expert";
    request.corpus = "graded";
    request.steps = 1'000'000;
    request.outFolder = m_trainingFolder.path().toStdString();
    m_training.start(request);
    QTimer::singleShot(static_cast<int>(kPhaseMilliseconds), &m_training,
                       &panels::TrainController::stop);
}

void WindowBench::onTraining() {
    using panels::TrainState;
    if (m_phase != Phase::Training || m_training.isBusy() ||
        m_training.state() == TrainState::Idle) {
        return;
    }
    if (m_training.state() == TrainState::Failed || m_training.training().points.empty()) {
        print(4);
        return;
    }
    reportHeartbeat(QStringLiteral("heartbeat while training"));
    startClip();
}

void WindowBench::startClip() {
    m_phase = Phase::Clip;
    m_clip.start();
}

void WindowBench::onClipPlayed(qint64 shown, qint64 missed, const QString& why) {
    const QString name = QStringLiteral("frames missed of 900, 1080p30 H.264 at 1x");
    if (why.isEmpty()) {
        report(name, QStringLiteral("frames"), static_cast<double>(missed),
               QStringLiteral("%1 shown").arg(shown));
        reportHeartbeat(QStringLiteral("heartbeat while playing"));
    } else {
        report(name, QStringLiteral("frames"), std::nan(""), why);
    }
    if (m_clipAlone) {
        m_phase = Phase::Done;
        print(why.isEmpty() ? 0 : 4);
        return;
    }
    startHeatmap();
}

// The same folder again: each load reads, checks and replaces the model, and routes the text anew.
void WindowBench::loadAgain() {
    if (m_heart.beats().size() < kBeats && m_sincePhase.elapsed() < kPhaseMilliseconds) {
        m_window.lab().loadModel(QString::fromStdString(m_window.lab().model()->folder));
        m_idle.start(kPatienceSeconds);
        return;
    }
    reportHeartbeat(QStringLiteral("heartbeat while loading"));
    startMoves();
}

void WindowBench::startMoves() {
    m_phase = Phase::Slider;
    m_overlay = m_window.findChild<QComboBox*>(QStringLiteral("clip.overlay-mode"));
    if (m_overlay != nullptr && !m_overlay->isVisible()) {
        m_overlay = nullptr; // no clip on screen
    }
    m_movesLeft = m_overlay != nullptr ? 2 * kMoves : kMoves;
    moveSlider();
}

void WindowBench::startHeatmap() {
    m_phase = Phase::Heatmap;
    m_large = std::make_unique<trace::TraceStore>();
    m_large->add(largeStep());
    m_heatmap = std::make_unique<host::InstrumentHost>(m_depth->instrument(), *m_large, m_text);
    m_heatmap->setTheme(m_window.theme());
    m_heatmap->resize(1200, 400);
    connect(m_heatmap.get(), &host::InstrumentHost::framePainted, this, [this] {
        m_builds.push_back(m_heatmap->lastBuildMilliseconds());
        m_frames.push_back(milliseconds(m_sinceFrame));
        QTimer::singleShot(0, this, &WindowBench::paintHeatmap);
    });
    m_heatmap->show();
    paintHeatmap();
}

void WindowBench::paintHeatmap() {
    if (m_builds.size() < kHeatmapFrames) {
        m_sinceFrame.start();
        m_heatmap->refresh();
        return;
    }
    if (std::exchange(m_phase, Phase::Done) == Phase::Done) {
        return;
    }
    report(QStringLiteral("scene and draw list of 4096 x 12, median"), QStringLiteral("ms"),
           quantile(m_builds, 0.5));
    report(QStringLiteral("full frame of 4096 x 12, median"), QStringLiteral("ms"),
           quantile(m_frames, 0.5));
    print(0);
}

void WindowBench::reportHeartbeat(const QString& name) {
    report(name + QStringLiteral(", 99.9th percentile"), QStringLiteral("ms"),
           quantile(m_heart.beats(), 0.999),
           QStringLiteral("%1 beats of %2 ms")
               .arg(m_heart.beats().size())
               .arg(Heartbeat::kMilliseconds));
    m_heart.start();
}

void WindowBench::report(const QString& name,
                         const QString& unit,
                         double value,
                         const QString& note) {
    QJsonObject entry{{QStringLiteral("case"), name}, {QStringLiteral("unit"), unit}};
    entry.insert(QStringLiteral("value"), std::isnan(value) ? QJsonValue() : QJsonValue(value));
    if (!note.isEmpty()) {
        entry.insert(QStringLiteral("note"), note);
    }
    m_results.append(entry);
}

void WindowBench::print(int code) {
    m_heart.stop();
    const runtime::EngineStatus& status = m_window.lab().status();
    const QJsonObject object{{QStringLiteral("name"), QStringLiteral("window")},
                             {QStringLiteral("device"), QString::fromStdString(status.device)},
                             {QStringLiteral("threads"), status.threads},
                             {QStringLiteral("panels"), m_depth && m_depth->usesOpenGl()
                                                            ? QStringLiteral("ImGui with OpenGL")
                                                            : QStringLiteral("Qt")},
                             {QStringLiteral("results"), m_results}};
    std::printf("%s", QJsonDocument(object).toJson().constData());
    std::fflush(stdout);
    if (code != 0) {
        std::fprintf(
            stderr,
            "depthscope: a model did not load or train, or a clip did not play; some figures are "
            "missing\n");
    }
    Q_EMIT finished(code);
}

} // namespace depthscope::desktop

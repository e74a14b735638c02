// SPDX-License-Identifier: MIT
// `depthscope --bench window` and `--bench playing`: measures the real window with the live engine,
// or a clip that plays in it, and prints JSON. GUI thread; owned by the program.
#pragma once

#include "app/desktop/clip_bench.h"
#include "app/desktop/heartbeat.h"
#include "app/desktop/idle_waiter.h"
#include "widgets/host/instrument_host.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/train_controller.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QObject>
#include <QTemporaryDir>
#include <QTimer>
#include <memory>
#include <vector>

class QComboBox;

namespace depthscope::desktop {

class WindowBench : public QObject {
    Q_OBJECT

public:
    /// `sinceStart` runs since the program started.
    WindowBench(panels::MainWindow& window,
                const scene::TextService& text,
                const QElapsedTimer& sinceStart,
                QObject* parent = nullptr);
    ~WindowBench() override;

    void start();
    /// Measures a clip alone.
    void startPlaying();
    /// Measures moves of a capacity alone, with whatever model is open.
    void startRerouting();

Q_SIGNALS:
    /// The exit code: 0, or 4 when no model could be loaded.
    void finished(int code);

private:
    enum class Phase { Starting, Loading, Slider, Generating, Training, Clip, Heatmap, Done };

    void onPainted();
    void onIdle();
    void loadAgain();
    void startMoves();
    void moveSlider();
    void generateAgain();
    void startTraining();
    void onTraining();
    void startClip();
    void onClipPlayed(qint64 shown, qint64 missed, const QString& why);
    void startHeatmap();
    void paintHeatmap();
    void report(const QString& name, const QString& unit, double value, const QString& note = {});
    void reportHeartbeat(const QString& name);
    void print(int code);

    panels::MainWindow& m_window;
    const scene::TextService& m_text;
    QElapsedTimer m_sinceStart;
    host::InstrumentHost* m_depth = nullptr;
    IdleWaiter m_idle;
    Phase m_phase = Phase::Starting;
    Heartbeat m_heart;
    QElapsedTimer m_sinceMove;
    std::vector<double> m_moves;     ///< ms from slider to first new picture
    std::vector<double> m_movesBare; ///< every second move: no overlay on the clip
    QComboBox* m_overlay = nullptr;  ///< null: no clip on screen, all moves are alike
    int m_movesLeft = 0;
    QElapsedTimer m_sincePhase;
    panels::TrainController m_training;
    QTemporaryDir m_trainingFolder;
    ClipBench m_clip;
    bool m_clipAlone = false;
    bool m_movesAlone = false;
    std::unique_ptr<trace::TraceStore> m_large;
    std::unique_ptr<host::InstrumentHost> m_heatmap;
    std::vector<double> m_builds;
    std::vector<double> m_frames;
    QElapsedTimer m_sinceFrame;
    bool m_firstRecorded = false;
    bool m_firstLive = false;
    QJsonArray m_results;
};

} // namespace depthscope::desktop

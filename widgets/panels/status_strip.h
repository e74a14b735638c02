// SPDX-License-Identifier: MIT
// The status bar: activity, device, model, speed, KV memory, engine memory, and for developers
// syncs and waits. If space is short, the least important are hidden. GUI thread.
#pragma once

#include <QStatusBar>
#include <set>

class QAction;
class QLabel;

namespace depthscope::scene {
class TextService;
}

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class StatusStrip : public QStatusBar {
    Q_OBJECT

public:
    StatusStrip(const lab::LabController& lab,
                const scene::TextService& text,
                QWidget* parent = nullptr);

    [[nodiscard]] QSize minimumSizeHint() const override;

    /// Of work beside the engine's; `fraction` is its share done, 0 to 1. Until showActivity().
    void showProgress(const QString& what, double fraction, double secondsLeft);

    /// Shows the figures for developers; off at first. For the View menu.
    [[nodiscard]] QAction& developerFigures() const { return *m_developer; }

    /// Keeps that choice from one start to the next.
    void remember();

    /// What the laboratory does now.
    void showActivity();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void want(QLabel* field, bool wanted);
    void fit();
    QLabel* field(const QString& name);
    void refreshEngine();
    void refreshRun();

    const lab::LabController& m_lab;
    const scene::TextService& m_text;
    QAction* m_developer = nullptr;
    QLabel* m_activity = nullptr;
    QLabel* m_device = nullptr;
    QLabel* m_model = nullptr;
    QLabel* m_speed = nullptr;
    QLabel* m_kv = nullptr;
    QLabel* m_memory = nullptr;
    QLabel* m_syncs = nullptr;
    std::set<QLabel*> m_wanted; ///< fields that have something to say
};

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
// One start of the desktop program: what it is made of and when it ends. GUI thread, owned by main.
#pragma once

#include "app/desktop/idle_waiter.h"
#include "app/desktop/options.h"
#include "app/desktop/script.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/paint/qt/qt_text_service.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/session_memory.h"

#include <QElapsedTimer>
#include <QObject>
#include <memory>

namespace depthscope::desktop {

class Program : public QObject {
    Q_OBJECT

public:
    /// Throws Error{Usage} for a script that cannot be run.
    explicit Program(Options options);
    ~Program() override;

    /// Shows the window and returns the exit code.
    [[nodiscard]] int run();

private:
    void open();
    /// What the command line names, or the demo.
    void show(const QString& demo);
    void checkSize() const;
    void printList();
    void whenIdle();
    void runScript(std::vector<Step> steps);
    /// Saves what was asked for and ends the event loop.
    void finish(int code);
    [[nodiscard]] int savePictures();

    QElapsedTimer m_sinceStart;
    Options m_options;
    std::vector<Step> m_steps;
    paint::qt::QtTextService m_text;
    lab::LabController m_lab;
    std::unique_ptr<panels::MainWindow> m_window;
    std::unique_ptr<panels::SessionMemory> m_session; ///< null: nothing is kept
    IdleWaiter m_idle;
    bool m_finished = false;
};

} // namespace depthscope::desktop

// SPDX-License-Identifier: MIT
// Procedural clips for the window: the engine draws the pixels, a thread of the media library keeps
// them without loss in a folder, from where they open as any clip. GUI thread; its owner keeps the
// laboratory longer. Throws nothing: errors are signals.
#pragma once

#include "engine/runtime/event.h"
#include "engine/trace/frame.h"
#include "widgets/lab/window_task.h"

#include <QString>
#include <memory>

namespace depthscope::lab {

class LabController;

struct NewClip {
    runtime::ClipRequest request; ///< of one clip
    trace::Ratio rate{12, 1};     ///< frames per second
};

class ClipMaker : public WindowTask {
    Q_OBJECT

public:
    /// Becomes a child of `lab`.
    explicit ClipMaker(LabController& lab);
    ~ClipMaker() override;

    /// Where the clips are kept; it is made when the first one is.
    void keepClipsIn(const QString& folder) { m_folder = folder; }

    /// Does nothing while one is being made.
    void make(const NewClip& clip);

    [[nodiscard]] bool isRunning() const override { return m_job != 0 || m_isWriting; }

    [[nodiscard]] QString title() const override;

    /// "occlusion-seed-7-64x48-24-frames-12-fps.mkv": the same clip has the same name.
    [[nodiscard]] static QString nameOf(const NewClip& clip);

Q_SIGNALS:
    void made(const QString& file);
    void failed(const QString& message, const QString& hint);

private:
    struct Engine;

    void onEvent(const runtime::Event& event);
    void write(const runtime::ClipReport& report);
    void refresh();

    LabController& m_lab;
    QString m_folder;
    QString m_file;
    NewClip m_clip;
    runtime::JobId m_job = 0; ///< 0: none
    bool m_isWriting = false;
    std::unique_ptr<Engine> m_engine; ///< last: its thread wakes what stands above
};

} // namespace depthscope::lab

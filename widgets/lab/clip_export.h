// SPDX-License-Identifier: MIT
// Writes frames of the window's clip as a file: one at a time, on a media::EncodeWorker. GUI
// thread; its owner keeps the laboratory longer. Throws nothing: errors are signals.
#pragma once

#include "engine/media/encode_settings.h"
#include "engine/trace/clip_view.h"
#include "widgets/lab/window_task.h"

#include <QString>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace depthscope::lab {

class LabController;

/// What a clip can be written as.
struct ExportFormat {
    QString name;        ///< "h264"
    QString label;       ///< "H.264"
    QString ending;      ///< ".mp4"; of PNG images: of each
    QString reason;      ///< why this FFmpeg cannot write it; empty: it can
    int bestQuality = 0; ///< both 0: no choice of quality
    int worstQuality = 0;
    int usualQuality = 0;
};

/// What lies over the pictures of a run. Alone: without the pictures.
enum class ExportOverlay : std::uint8_t { None, Over, Alone };

/// Draws frame n of the clip for the file; on the thread that encodes.
using FrameDrawing = std::function<trace::Frame(std::int64_t)>;

struct ExportChoice {
    trace::ClipPtr clip;                     ///< with a frame on screen
    std::optional<trace::FrameRange> frames; ///< nothing: the frame on screen, as a PNG
    media::EncodeSettings settings; ///< format, quality, scale, rule, title; the rest is filled in
    QString file;                   ///< or a folder, of PNG images
    ExportOverlay overlay = ExportOverlay::None;
    QString overlayText;  ///< "tint by depth, 35 %", for the recipe in the file
    FrameDrawing drawing; ///< of an overlay: frames of `enlarged()` times the clip's size

    /// Pixels of the file for each of the clip, both ways, where frames are drawn.
    [[nodiscard]] int enlarged() const;
};

/// Known before anything is written.
struct ExportPlan {
    PictureSize size;
    bool isPadded = false;
    double scale = 1;
    QString encoder; ///< "libx264"
    QString problem; ///< why it cannot be written; empty: it can
};

struct ExportProgress {
    std::int64_t done = 0;   ///< frames
    std::int64_t total = 0;  ///< frames; 0: they are being found
    double secondsLeft = -1; ///< an estimate; negative: unknown
};

class ClipExport : public WindowTask {
    Q_OBJECT

public:
    /// Becomes a child of `lab`.
    explicit ClipExport(LabController& lab);
    ~ClipExport() override;

    /// Where the player keeps the indexes of clips; empty: nowhere.
    void findIndexesIn(const QString& folder) { m_indexes = folder; }

    [[nodiscard]] static std::vector<ExportFormat> formats();
    [[nodiscard]] static ExportPlan planOf(const ExportChoice& choice);

    /// Does nothing while one is running. A file of that name is replaced.
    void start(const ExportChoice& choice);
    void stop();

    [[nodiscard]] bool isRunning() const override { return m_progress.has_value(); }

    [[nodiscard]] QString title() const override;

    /// Of the export that is running.
    [[nodiscard]] const std::optional<ExportProgress>& progress() const { return m_progress; }

    /// What is being written, or was last.
    [[nodiscard]] const QString& file() const { return m_file; }

Q_SIGNALS:
    /// Of progress().
    void changed();
    void saved(const QString& file, const QString& facts);
    void stopped();
    void failed(const QString& message, const QString& hint);

private:
    struct Engine;

    void refresh();

    LabController& m_lab;
    QString m_indexes;
    QString m_file;
    std::optional<ExportProgress> m_progress;
    std::unique_ptr<Engine> m_engine; ///< last: its thread wakes what stands above
};

} // namespace depthscope::lab

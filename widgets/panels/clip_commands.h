// SPDX-License-Identifier: MIT
// File > Export video and New procedural clip: their dialogs, and what comes of them. GUI thread;
// the window owns it.
#pragma once

#include "widgets/lab/clip_export.h"
#include "widgets/lab/clip_maker.h"
#include "widgets/panels/overlay_pictures.h"

#include <QObject>
#include <QString>
#include <memory>

class QTemporaryDir;
class QWidget;

namespace depthscope::lab {
class ClipPlayer;
class LabController;
} // namespace depthscope::lab

namespace depthscope::panels {

class ExportDialog;

class ClipCommands : public QObject {
    Q_OBJECT

public:
    /// All of them outlive it.
    ClipCommands(lab::LabController& lab,
                 lab::ClipPlayer& player,
                 const host::InstrumentHost& picture,
                 QWidget* window);
    ~ClipCommands() override;

    /// Keeps the last choices, and clips and indexes in folders of the user's cache. Without it
    /// made clips last as long as the window.
    void remember(const QString& clips, const QString& indexes);

    void showExport();
    void askNewClip();

Q_SIGNALS:
    void saved(const QString& file, const QString& facts);
    void made(const QString& file);
    /// Of an export: its share done, 0 to 1, and an estimate, negative: unknown.
    void progress(const QString& what, double fraction, double secondsLeft);
    void ended();
    void failed(const QString& title, const QString& message, const QString& hint);

private:
    void reportExport();

    QWidget* m_window;
    lab::ClipPlayer& m_player;
    lab::ClipExport m_exports;
    lab::ClipMaker m_maker;
    std::unique_ptr<QTemporaryDir> m_temporary; ///< of made clips; null: they are kept
    OverlayPictures m_overlays;
    ExportDialog* m_dialog = nullptr; ///< made when it is first asked for
    bool m_remembers = false;
};

} // namespace depthscope::panels

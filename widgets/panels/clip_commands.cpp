// SPDX-License-Identifier: MIT
#include "widgets/panels/clip_commands.h"

#include "widgets/lab/clip_player.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/export_dialog.h"
#include "widgets/panels/new_clip_dialog.h"

#include <QFileInfo>
#include <QTemporaryDir>

namespace depthscope::panels {

ClipCommands::ClipCommands(lab::LabController& lab,
                           lab::ClipPlayer& player,
                           const host::InstrumentHost& picture,
                           QWidget* window)
    : QObject(window)
    , m_window(window)
    , m_player(player)
    , m_exports(lab)
    , m_maker(lab)
    , m_overlays(lab.store(), picture) {
    connect(&m_exports, &lab::ClipExport::changed, this, &ClipCommands::reportExport);
    connect(&m_exports, &lab::ClipExport::saved, this, &ClipCommands::saved);
    connect(&m_exports, &lab::ClipExport::failed, this,
            [this](const QString& message, const QString& hint) {
                if (!m_dialog || !m_dialog->isVisible()) { // else it says so
                    Q_EMIT failed(
                        tr("%1 was not exported").arg(QFileInfo(m_exports.file()).fileName()),
                        message, hint);
                }
            });
    connect(&m_maker, &lab::ClipMaker::made, this, &ClipCommands::made);
    connect(&m_maker, &lab::ClipMaker::failed, this,
            [this](const QString& message, const QString& hint) {
                Q_EMIT failed(tr("The clip was not made"), message, hint);
            });
}

ClipCommands::~ClipCommands() = default;

void ClipCommands::remember(const QString& clips, const QString& indexes) {
    m_remembers = true;
    m_exports.findIndexesIn(indexes);
    m_maker.keepClipsIn(clips);
}

void ClipCommands::reportExport() {
    const auto& progress = m_exports.progress();
    if (!progress) {
        Q_EMIT ended();
        return;
    }
    const double share = progress->total > 0 ? static_cast<double>(progress->done) /
                                                   static_cast<double>(progress->total)
                                             : 0;
    Q_EMIT this->progress(m_exports.title(), share, progress->secondsLeft);
}

void ClipCommands::showExport() {
    if (!m_dialog) {
        m_dialog = new ExportDialog(m_player, m_exports, m_window);
        m_dialog->offerOverlay(m_overlays);
        if (m_remembers) {
            m_dialog->remember();
        }
    }
    m_dialog->show();
    m_dialog->raise();
    m_dialog->activateWindow();
}

void ClipCommands::askNewClip() {
    if (!m_remembers && !m_temporary) {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_maker.keepClipsIn(m_temporary->path());
    }
    auto* dialog = new NewClipDialog(m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    if (m_remembers) {
        dialog->remember();
    }
    connect(dialog, &QDialog::accepted, this, [this, dialog] { m_maker.make(dialog->clip()); });
    dialog->open();
}

} // namespace depthscope::panels

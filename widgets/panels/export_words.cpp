// SPDX-License-Identifier: MIT
// What the export dialog says: names, sizes, notes, progress.
#include "widgets/lab/clip_player.h"
#include "widgets/panels/export_dialog.h"
#include "widgets/panels/overlay_pictures.h"

#include <QComboBox>
#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>
#include <cmath>

namespace depthscope::panels {

namespace {

constexpr int kBarSteps = 1000;

QString timeText(double seconds) {
    const auto whole = static_cast<long long>(std::ceil(seconds));
    return QStringLiteral("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
}

/// What is good to know of a format before it is chosen.
QString adviceOf(const QString& format) {
    if (format == QLatin1String("h264")) {
        return ExportDialog::tr("Plays almost everywhere. Lossy.");
    }
    if (format == QLatin1String("vp9")) {
        return ExportDialog::tr("For web pages. Lossy.");
    }
    if (format == QLatin1String("av1")) {
        return ExportDialog::tr("For web pages: smaller than VP9, slower to write. Lossy.");
    }
    if (format == QLatin1String("ffv1")) {
        return ExportDialog::tr("Every pixel comes back. Few players read it.");
    }
    if (format == QLatin1String("gif")) {
        return ExportDialog::tr("256 colours a frame; times are rounded to 1/100 s; no title.");
    }
    return ExportDialog::tr("A folder with an image of 8 bits a channel for each frame.");
}

} // namespace

QString ExportDialog::proposedName() const {
    const trace::ClipPtr source = clip();
    if (!source || !format()) {
        return {};
    }
    const QFileInfo from(QString::fromStdString(source->file));
    const lab::ExportChoice chosen = choice();
    QString name =
        source->file.empty() ? QString::fromStdString(source->name) : from.completeBaseName();
    if (what() == OneFrame) {
        name += QStringLiteral("-frame-%1").arg(source->frame ? source->frame->number : 0);
    } else if (what() == MarkedFrames && chosen.frames) {
        name += QStringLiteral("-frames-%1-%2").arg(chosen.frames->first).arg(chosen.frames->last);
    } else if (writesFolder()) {
        name += QStringLiteral("-frames");
    }
    if (chosen.overlay != lab::ExportOverlay::None) {
        name += QStringLiteral("-overlay");
    }
    if (!writesFolder()) {
        name += format()->ending;
    }
    const QString usual = source->file.empty()
                              ? QStandardPaths::writableLocation(QStandardPaths::MoviesLocation)
                              : from.absolutePath();
    const QDir folder(m_folder.isEmpty() ? usual : m_folder);
    if (QFileInfo(folder.filePath(name)) == from) {
        name.insert(name.size() - format()->ending.size(), QStringLiteral("-export"));
    }
    return folder.filePath(name);
}

/// A name that the user gave keeps all but its ending.
void ExportDialog::proposeFile() {
    if (m_ownsName) {
        m_file->setText(proposedName());
        return;
    }
    const QFileInfo given(m_file->text());
    const bool isKnown = std::any_of(m_formats.begin(), m_formats.end(), [&](const auto& f) {
        return f.ending.mid(1) == given.suffix().toLower();
    });
    const QString base =
        isKnown ? given.path() + QLatin1Char('/') + given.completeBaseName() : m_file->text();
    if (format() && !base.isEmpty()) {
        m_file->setText(writesFolder() ? base : base + format()->ending);
    }
}

QString ExportDialog::factsText(const lab::ExportChoice& chosen,
                                const lab::ExportPlan& plan) const {
    QStringList facts{tr("%1 x %2 pixels (%3 %)")
                          .arg(plan.size.width)
                          .arg(plan.size.height)
                          .arg(std::lround(100 * plan.scale))};
    if (chosen.frames) {
        const std::int64_t count = chosen.frames->last - chosen.frames->first + 1;
        facts << (count == 1 ? tr("1 frame") : tr("%1 frames").arg(count));
        const trace::ClipView& clip = *chosen.clip;
        const bool isWhole = count == clip.frameCount;
        if (clip.variableRate && !isWhole) {
            facts << tr("variable rate");
        } else {
            const double seconds =
                clip.variableRate
                    ? clip.duration
                    : static_cast<double>(count) * clip.frameRate.under / clip.frameRate.over;
            facts << tr("%1 s").arg(QLocale().toString(seconds, 'f', 2));
        }
    } else {
        facts << tr("frame %1").arg(chosen.clip->frame->number);
    }
    facts << plan.encoder;
    return facts.join(QStringLiteral(" · "));
}

QString ExportDialog::notesText(const lab::ExportChoice& chosen,
                                const lab::ExportPlan& plan) const {
    QStringList notes;
    if (chosen.frames && format()) {
        notes << adviceOf(format()->name);
    }
    if (chosen.settings.scale.over == 0 && plan.scale > 1) {
        notes << tr("Enlarged, as players blur small clips.");
    }
    if (chosen.overlay == lab::ExportOverlay::Alone) {
        notes
            << (keepsClear()
                    ? tr("Transparent behind the overlay.")
                    : tr("Black behind the overlay: %1 has no transparency.").arg(format()->label));
    }
    if (plan.isPadded) {
        notes << tr("%1 needs even sizes: the last column or row is doubled.").arg(format()->label);
    }
    if (chosen.frames && !chosen.clip->sound.empty()) {
        notes << tr("The sound is not copied.");
    }
    if (!chosen.frames && chosen.clip->frame->damaged) {
        notes << tr("The frame is damaged.");
    }
    return notes.join(QLatin1Char(' '));
}

QString ExportDialog::problemText(const lab::ExportChoice& chosen,
                                  const lab::ExportPlan& plan) const {
    if (!plan.problem.isEmpty()) {
        return plan.problem;
    }
    const QFileInfo target(chosen.file);
    for (const trace::ClipView* shown : {m_player.clip(), m_player.clip()->other.get()}) {
        if (shown && target.exists() && QFileInfo(QString::fromStdString(shown->file)) == target) {
            return tr("%1 is the clip on screen: choose another name.").arg(target.fileName());
        }
    }
    if (!m_error.isEmpty()) {
        return m_error;
    }
    if (!m_askedFor.isEmpty()) {
        return tr("%1 already exists. Replace it?").arg(target.fileName());
    }
    return {};
}

/// Numbers that move while the dialog is open.
void ExportDialog::refreshFrames() {
    const trace::ClipPtr& a = m_player.state();
    const bool hasFrames = m_player.hasFrames() && a->frame;
    const std::int64_t count = hasFrames ? clip()->frameCount : 0;
    const trace::FrameRange marked = hasFrames ? a->played() : trace::FrameRange{};
    m_what->setItemText(AllFrames, tr("All frames (%1)").arg(count));
    m_what->setItemText(MarkedFrames,
                        tr("Between the marks (%1 to %2)").arg(marked.first).arg(marked.last));
    m_what->setItemText(
        OneFrame,
        tr("Frame %1 as a PNG image").arg(hasFrames && clip()->frame ? clip()->frame->number : 0));
    const bool compares = hasFrames && a->other != nullptr;
    if (compares && m_clip->count() == 0) {
        m_clip->addItems({QString(), QString()});
    }
    if (compares) {
        m_clip->setItemText(0, tr("A: %1").arg(QString::fromStdString(a->name)));
        m_clip->setItemText(1, tr("B: %1").arg(QString::fromStdString(a->other->name)));
    }
    showRow(m_clipRow, compares);
    showRow(m_overlayRow,
            hasFrames && clip()->frame && m_overlays != nullptr && m_overlays->isFor(*clip()));
    if (m_ownsName && !m_exports.isRunning()) {
        const QString name = proposedName();
        if (m_file->text() != name) {
            m_file->setText(name);
        }
    }
}

void ExportDialog::refresh() {
    const bool running = m_exports.isRunning();
    const lab::ExportChoice chosen = choice();
    const bool hasFrame = chosen.clip && chosen.clip->frame && chosen.clip->frameCount > 0;
    QString problem = tr("Open a video first.");
    if (hasFrame) {
        const lab::ExportPlan plan = lab::ClipExport::planOf(chosen);
        m_facts->setText(plan.problem.isEmpty() ? factsText(chosen, plan) : QString());
        m_notes->setText(notesText(chosen, plan));
        problem = problemText(chosen, plan);
    }
    m_facts->setVisible(hasFrame && !m_facts->text().isEmpty());
    m_notes->setVisible(hasFrame && !m_notes->text().isEmpty());
    m_problem->setText(running ? QString() : problem);
    m_problem->setVisible(!m_problem->text().isEmpty());
    const bool isAsking = !m_askedFor.isEmpty();
    const bool isBlocked = !problem.isEmpty() && !isAsking && problem != m_error;
    m_start->setText(isAsking ? tr("Replace") : tr("Export"));
    m_start->setAccessibleName(m_start->text());
    m_start->setEnabled(!running && hasFrame && !isBlocked && !chosen.file.isEmpty());
    m_stop->setEnabled(running);
    for (QWidget* field : findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
        if (qobject_cast<QComboBox*>(field) || qobject_cast<QLineEdit*>(field) ||
            field->objectName() == QLatin1String("export.quality") ||
            field->objectName() == QLatin1String("export.browse")) {
            field->setEnabled(!running);
        }
    }
}

void ExportDialog::refreshProgress() {
    const auto& progress = m_exports.progress();
    m_bar->setVisible(progress.has_value());
    m_state->setVisible(progress.has_value());
    if (progress) {
        m_bar->setRange(0, progress->total > 0 ? kBarSteps : 0);
        if (progress->total > 0) {
            m_bar->setValue(static_cast<int>(kBarSteps * progress->done / progress->total));
        }
        QString text = progress->total == 0 ? tr("Finding the frames…")
                       : progress->done == progress->total
                           ? tr("Writing the end of the file…")
                           : tr("%1 of %2 frames").arg(progress->done).arg(progress->total);
        if (progress->secondsLeft >= 0 && progress->done < progress->total) {
            text += tr(", %1 left").arg(timeText(progress->secondsLeft));
        }
        m_state->setText(text);
    }
    if (isVisible() && m_stop->isEnabled() != progress.has_value()) {
        refresh();
    }
}

void ExportDialog::remember() {
    m_remembers = true;
    const QSettings settings;
    const QString name = settings.value(QStringLiteral("export/format")).toString();
    for (std::size_t i = 0; i < m_formats.size(); ++i) {
        if (m_formats[i].name == name && m_formats[i].reason.isEmpty()) {
            m_format->setCurrentIndex(static_cast<int>(i));
        }
    }
    const auto indexOf = [&](const char* key, const QComboBox& box) {
        const int index = settings.value(QString::fromLatin1(key), 0).toInt();
        return index >= 0 && index < box.count() ? index : 0;
    };
    m_scale->setCurrentIndex(indexOf("export/scale", *m_scale));
    m_rule->setCurrentIndex(indexOf("export/rule", *m_rule));
    m_folder = settings.value(QStringLiteral("export/folder")).toString();
    if (!QFileInfo(m_folder).isDir()) {
        m_folder.clear();
    }
    followFormat();
}

void ExportDialog::keepChoices() {
    if (!m_remembers || !format()) {
        return;
    }
    QSettings settings;
    if (what() != OneFrame) {
        settings.setValue(QStringLiteral("export/format"), format()->name);
        settings.setValue(QStringLiteral("export/quality-") + format()->name,
                          choice().settings.quality.value_or(format()->usualQuality));
    }
    settings.setValue(QStringLiteral("export/scale"), m_scale->currentIndex());
    settings.setValue(QStringLiteral("export/rule"), m_rule->currentIndex());
    settings.setValue(QStringLiteral("export/folder"), m_folder);
}

void ExportDialog::showRow(const Row& row, bool shown) {
    row.label->setVisible(shown);
    for (QWidget* field : row.fields) {
        field->setVisible(shown);
    }
}

} // namespace depthscope::panels

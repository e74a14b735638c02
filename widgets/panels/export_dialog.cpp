// SPDX-License-Identifier: MIT
#include "widgets/panels/export_dialog.h"

#include "widgets/lab/clip_player.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/overlay_pictures.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>

namespace depthscope::panels {

namespace {

constexpr int kWidth = 520;
constexpr int kBarSteps = 1000;

/// Of both sides; 0: as the format likes it.
constexpr std::array kScales{trace::Ratio{0, 1}, trace::Ratio{1, 4}, trace::Ratio{1, 2},
                             trace::Ratio{1, 1}, trace::Ratio{2, 1}, trace::Ratio{3, 1},
                             trace::Ratio{4, 1}};

QString percentOf(double scale) {
    return ExportDialog::tr("%1 %").arg(std::lround(100 * scale));
}

} // namespace

ExportDialog::ExportDialog(lab::ClipPlayer& player, lab::ClipExport& exports, QWidget* parent)
    : QDialog(parent)
    , m_player(player)
    , m_exports(exports)
    , m_formats(lab::ClipExport::formats()) {
    setObjectName(QStringLiteral("export"));
    setWindowTitle(tr("Export video"));
    resize(kWidth, 0);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 16);
    column->setSpacing(8);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(8);
    grid->setColumnStretch(1, 1);
    column->addLayout(grid);
    buildFields(*grid);
    buildFile(*grid);
    column->addSpacing(4);
    m_facts = new QLabel(this);
    m_notes = new QLabel(this);
    m_problem = new QLabel(this);
    m_state = new QLabel(this);
    m_notes->setObjectName(QStringLiteral("muted"));
    m_state->setObjectName(QStringLiteral("muted"));
    m_problem->setObjectName(QStringLiteral("amber"));
    m_bar = new QProgressBar(this);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Progress of the export"));
    m_bar->hide();
    m_state->hide();
    for (QLabel* label : {m_facts, m_notes, m_problem}) {
        label->setWordWrap(true);
        column->addWidget(label);
    }
    column->addWidget(m_bar);
    column->addWidget(m_state);
    column->addStretch(1);
    buildButtons();
    connect(&m_player, &lab::ClipPlayer::changed, this, [this] {
        if (isVisible()) {
            refreshFrames();
            refresh();
        }
    });
    connect(&m_exports, &lab::ClipExport::changed, this, &ExportDialog::refreshProgress);
    connect(&m_exports, &lab::ClipExport::saved, this, &QDialog::accept);
    connect(&m_exports, &lab::ClipExport::stopped, this, [this] {
        m_error = tr("Stopped. Nothing was written.");
        refresh();
    });
    connect(&m_exports, &lab::ClipExport::failed, this,
            [this](const QString& message, const QString& hint) {
                m_error = message + QLatin1Char('\n') + hint;
                refresh();
            });
    followFormat();
}

ExportDialog::Row
ExportDialog::addRow(QGridLayout& grid, const QString& text, const std::vector<QWidget*>& fields) {
    Row row{new QLabel(text, this), fields};
    row.label->setBuddy(fields.front()); // which explains it on hover
    const int at = grid.rowCount();
    grid.addWidget(row.label, at, 0);
    const bool isAlone = fields.size() == 1;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        grid.addWidget(fields[i], at, 1 + static_cast<int>(i), 1, isAlone ? 2 : 1);
    }
    return row;
}

void ExportDialog::buildFields(QGridLayout& grid) {
    m_clip = addChoice("export.clip", tr("Which of the two clips"));
    m_clipRow = addRow(grid, tr("Clip"), {m_clip});
    m_what = addChoice("export.what", tr("Frames to write"));
    m_what->addItems({tr("All frames"), tr("Marked frames"), tr("This frame")});
    addRow(grid, tr("Frames"), {m_what});
    m_overlay = addChoice("export.overlay", tr("What lies over the pictures"));
    m_overlay->addItems({tr("None"), tr("As on screen"), tr("Alone, without the pictures")});
    m_overlay->setToolTip(tr("Depth or experts of the patches, as the Video panel draws them; a "
                             "panel without an overlay gives a tint"));
    m_overlayRow = addRow(grid, tr("Overlay"), {m_overlay});
    showRow(m_overlayRow, false);
    m_format = addChoice("export.format", tr("Kind of file"));
    buildFormats();
    m_formatRow = addRow(grid, tr("Format"), {m_format});
    buildPixels(grid);
    m_title = new QLineEdit(this);
    m_title->setObjectName(QStringLiteral("export.title"));
    m_title->setAccessibleName(tr("Title in the file"));
    addRow(grid, tr("Title"), {m_title});
    connect(m_clip, &QComboBox::activated, this, [this] {
        proposeFile();
        refresh();
    });
    connect(m_what, &QComboBox::activated, this, &ExportDialog::followFormat);
    connect(m_overlay, &QComboBox::activated, this, &ExportDialog::followFormat);
    connect(m_format, &QComboBox::activated, this, &ExportDialog::followFormat);
}

QComboBox* ExportDialog::addChoice(const char* name, const QString& spoken) {
    auto* box = new ChoiceBox(this);
    box->setObjectName(QString::fromLatin1(name));
    box->setAccessibleName(spoken);
    return box;
}

void ExportDialog::buildPixels(QGridLayout& grid) {
    m_quality = new QSpinBox(this);
    m_quality->setObjectName(QStringLiteral("export.quality"));
    m_quality->setAccessibleName(tr("Quality, smaller is better"));
    m_quality->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_quality->setAlignment(Qt::AlignRight);
    m_qualityRange = new QLabel(this);
    m_qualityRange->setObjectName(QStringLiteral("muted"));
    m_qualityRow = addRow(grid, tr("Quality"), {m_quality, m_qualityRange});
    m_scale = addChoice("export.scale", tr("Size of the pictures"));
    for (const trace::Ratio& scale : kScales) {
        m_scale->addItem(scale.over == 0 ? tr("Automatic")
                                         : percentOf(1.0 * scale.over / scale.under));
    }
    m_scale->setToolTip(tr("Automatic enlarges clips of fewer than 256 pixels for other players "
                           "and leaves all others unchanged"));
    addRow(grid, tr("Scale"), {m_scale});
    m_rule = addChoice("export.rule", tr("What becomes of pixels where the size changes"));
    m_rule->addItems({tr("Automatic"), tr("Nearest"), tr("Smooth")});
    m_rule->setToolTip(tr("Nearest repeats pixels or leaves them out, smooth blends them; "
                          "automatic is nearest where a whole factor enlarges"));
    addRow(grid, tr("Pixels"), {m_rule});
    connect(m_scale, &QComboBox::activated, this, &ExportDialog::refresh);
    connect(m_rule, &QComboBox::activated, this, &ExportDialog::refresh);
}

/// What this FFmpeg lacks stays in the list, with the reason.
void ExportDialog::buildFormats() {
    for (const lab::ExportFormat& format : m_formats) {
        m_format->addItem(format.name == QLatin1String("ffv1")
                              ? tr("%1, lossless").arg(format.label)
                              : format.label);
        auto* items = qobject_cast<QStandardItemModel*>(m_format->model());
        if (items && !format.reason.isEmpty()) {
            QStandardItem* item = items->item(m_format->count() - 1);
            item->setEnabled(false);
            item->setToolTip(format.reason);
        }
    }
    const auto usable = std::find_if(m_formats.begin(), m_formats.end(),
                                     [](const auto& f) { return f.reason.isEmpty(); });
    m_format->setCurrentIndex(static_cast<int>(usable - m_formats.begin()));
}

void ExportDialog::buildFile(QGridLayout& grid) {
    m_file = new QLineEdit(this);
    m_file->setObjectName(QStringLiteral("export.file"));
    m_file->setAccessibleName(tr("File to write"));
    m_browse = makeButton("export.browse", tr("Browse…"), this);
    m_browse->setAutoDefault(false);
    addRow(grid, tr("File"), {m_file, m_browse});
    connect(m_file, &QLineEdit::textEdited, this, [this] { m_ownsName = false; });
    connect(m_file, &QLineEdit::textChanged, this, [this] {
        m_askedFor.clear();
        m_error.clear();
        refresh();
    });
    connect(m_file, &QLineEdit::editingFinished, this,
            [this] { m_ownsName = m_ownsName && m_file->text() == proposedName(); });
    connect(m_browse, &QPushButton::clicked, this, &ExportDialog::browse);
}

void ExportDialog::buildButtons() {
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_start = makeButton("export.start", tr("Export"), this);
    m_start->setProperty("primary", true);
    m_start->setDefault(true);
    m_stop = makeButton("export.stop", tr("Stop"), this);
    auto* close = makeButton("export.close", tr("Close"), this);
    for (QPushButton* button : {m_stop, close}) {
        button->setAutoDefault(false); // Enter exports
    }
    buttons->addWidget(m_start);
    buttons->addWidget(m_stop);
    buttons->addStretch(1);
    buttons->addWidget(close);
    static_cast<QVBoxLayout*>(layout())->addLayout(buttons);
    connect(m_start, &QPushButton::clicked, this, &ExportDialog::start);
    connect(m_stop, &QPushButton::clicked, &m_exports, &lab::ClipExport::stop);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
}

void ExportDialog::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    m_error.clear();
    m_askedFor.clear();
    m_title->setText(m_player.clip() ? QString::fromStdString(m_player.clip()->name) : QString());
    refreshFrames();
    followFormat();
    refreshProgress();
}

trace::ClipPtr ExportDialog::clip() const {
    const trace::ClipPtr& a = m_player.state();
    return a && a->other && m_clip->currentIndex() == 1 ? a->other : a;
}

ExportDialog::What ExportDialog::what() const {
    return static_cast<What>(m_what->currentIndex());
}

const lab::ExportFormat* ExportDialog::format() const {
    const auto isWanted = [this](const lab::ExportFormat& f) {
        return what() == OneFrame ? f.name == QLatin1String("png")
                                  : &f - m_formats.data() == m_format->currentIndex();
    };
    const auto found = std::find_if(m_formats.begin(), m_formats.end(), isWanted);
    return found == m_formats.end() ? nullptr : &*found;
}

bool ExportDialog::writesFolder() const {
    return what() != OneFrame && format() && format()->name == QLatin1String("png");
}

lab::ExportChoice ExportDialog::choice() const {
    lab::ExportChoice chosen;
    chosen.clip = clip();
    chosen.file = m_file->text().trimmed();
    if (!format() || !chosen.clip) {
        return chosen;
    }
    if (what() != OneFrame) {
        const std::int64_t last = chosen.clip->frameCount - 1;
        const trace::FrameRange all{0, last};
        const trace::FrameRange marked = m_player.clip()->played(); // the marks are those of A
        chosen.frames = what() == AllFrames ? all
                                            : trace::FrameRange{std::min(marked.first, last),
                                                                std::min(marked.last, last)};
    }
    chosen.settings.format = format()->name.toStdString();
    chosen.settings.title = m_title->text().toStdString();
    chosen.settings.scale = kScales.at(static_cast<std::size_t>(m_scale->currentIndex()));
    chosen.settings.rule = static_cast<media::ScaleRule>(m_rule->currentIndex());
    if (format()->worstQuality > format()->bestQuality) {
        chosen.settings.quality = m_quality->value();
    }
    if (m_overlays != nullptr && chosen.clip->frame && m_overlays->isFor(*chosen.clip)) {
        chosen.overlay = static_cast<lab::ExportOverlay>(m_overlay->currentIndex());
        chosen.overlayText = m_overlays->text();
    }
    return chosen;
}

bool ExportDialog::keepsClear() const {
    return format() != nullptr &&
           (format()->name == QLatin1String("png") || format()->name == QLatin1String("ffv1"));
}

void ExportDialog::offerOverlay(const OverlayPictures& overlay) {
    m_overlays = &overlay;
}

void ExportDialog::start() {
    lab::ExportChoice chosen = choice();
    if (QFileInfo(chosen.file).isFile() && m_askedFor != chosen.file) {
        m_askedFor = chosen.file;
        refresh();
        return;
    }
    m_error.clear();
    m_folder = QFileInfo(chosen.file).absolutePath();
    keepChoices();
    if (chosen.overlay != lab::ExportOverlay::None) {
        chosen.drawing = m_overlays->drawing(chosen, chosen.overlay == lab::ExportOverlay::Alone &&
                                                         keepsClear());
    }
    m_exports.start(chosen);
    refresh();
    m_stop->setFocus(); // Export cannot keep it
}

void ExportDialog::browse() {
    QFileDialog dialog(this, tr("Export video"), QFileInfo(m_file->text()).absolutePath());
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setOption(QFileDialog::DontConfirmOverwrite); // Export asks
    if (!writesFolder() && format()) {
        dialog.setDefaultSuffix(format()->ending.mid(1));
        dialog.setNameFilter(QStringLiteral("%1 (*%2)").arg(format()->label, format()->ending));
    }
    dialog.selectFile(QFileInfo(m_file->text()).fileName());
    if (dialog.exec() == QDialog::Accepted && !dialog.selectedFiles().isEmpty()) {
        m_ownsName = false;
        m_file->setText(dialog.selectedFiles().constFirst());
    }
}

/// Quality and name of the file are those of the format.
void ExportDialog::followFormat() {
    if (const lab::ExportFormat* chosen = format()) {
        const QString key = QStringLiteral("export/quality-") + chosen->name;
        const bool hasQuality = chosen->worstQuality > chosen->bestQuality;
        m_quality->setRange(chosen->bestQuality, chosen->worstQuality);
        m_quality->setValue(m_remembers ? QSettings().value(key, chosen->usualQuality).toInt()
                                        : chosen->usualQuality);
        m_qualityRange->setText(
            tr("%1 (best) to %2").arg(chosen->bestQuality).arg(chosen->worstQuality));
        showRow(m_qualityRow, hasQuality);
    }
    showRow(m_formatRow, what() != OneFrame);
    proposeFile();
    refresh();
}

} // namespace depthscope::panels

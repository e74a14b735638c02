// SPDX-License-Identifier: MIT
#include "widgets/panels/figure_dialog.h"

#include "engine/base/error.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/instrument_panel.h"
#include "widgets/panels/kept_folder.h"

#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStandardPaths>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

namespace depthscope::panels {

namespace {

constexpr int kWidth = 520;
constexpr QLatin1String kKind("figure"); ///< of kept folders
constexpr std::array kEndings{"svg", "pdf", "png", "csv", "json"};
constexpr int kPng = 2;
constexpr int kFirstTable = 3;
constexpr std::array kWidths{0.0, 85.0, 170.0}; ///< millimetres; after them an own one

QString endingOf(int kind) {
    return QString::fromLatin1(kEndings.at(static_cast<std::size_t>(kind)));
}

} // namespace

FigureDialog::FigureDialog(Write write, QWidget* parent)
    : QDialog(parent)
    , m_write(std::move(write))
    , m_folder(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)) {
    setObjectName(QStringLiteral("figure"));
    resize(kWidth, 0);
    const KeptFolders* kept = parent != nullptr ? KeptFolders::of(*parent) : nullptr;
    const QString last = kept != nullptr ? kept->folder(kKind) : QString();
    if (!last.isEmpty()) {
        m_folder = last;
    } else if (!QFileInfo(m_folder).isDir()) {
        m_folder = QDir::homePath();
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 16);
    column->setSpacing(8);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(8);
    grid->setColumnStretch(1, 1);
    column->addLayout(grid);
    buildKind(*grid);
    buildTexts(*grid);
    buildFile(*grid);
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("muted"));
    m_problem = new QLabel(this);
    m_problem->setObjectName(QStringLiteral("amber"));
    for (QLabel* label : {m_note, m_problem}) {
        label->setWordWrap(true);
        column->addWidget(label);
    }
    column->addStretch(1);
    buildButtons();
}

QWidget*
FigureDialog::addRow(QGridLayout& grid, const QString& text, QWidget* field, QWidget* beside) {
    const int row = grid.rowCount();
    const bool isHigh = qobject_cast<QPlainTextEdit*>(field) != nullptr;
    auto* label = new QLabel(text, this);
    label->setBuddy(field); // which explains it on hover
    grid.addWidget(label, row, 0, isHigh ? Qt::AlignTop : Qt::Alignment());
    grid.addWidget(field, row, 1, 1, beside ? 1 : 2);
    if (beside) {
        grid.addWidget(beside, row, 2);
    }
    return field;
}

QComboBox*
FigureDialog::addChoice(const char* name, const QString& spoken, const QStringList& items) {
    auto* box = new ChoiceBox(this);
    box->setObjectName(QString::fromLatin1(name));
    box->setAccessibleName(spoken);
    box->addItems(items);
    connect(box, &QComboBox::activated, this, &FigureDialog::refresh);
    return box;
}

void FigureDialog::buildKind(QGridLayout& grid) {
    m_kind = addChoice("figure.format", tr("Kind of file"),
                       {tr("SVG, vector"), tr("PDF, vector"), tr("PNG, pixels"), tr("CSV, table"),
                        tr("JSON, table")});
    connect(m_kind, &QComboBox::activated, this, &FigureDialog::followKind);
    addRow(grid, tr("Format"), m_kind, nullptr);
    m_width = addChoice(
        "figure.width", tr("Width of the figure"),
        {tr("As the panel"), tr("85 mm, one column"), tr("170 mm, two columns"), tr("Own width")});
    m_ownWidth = new QDoubleSpinBox(this);
    m_ownWidth->setObjectName(QStringLiteral("figure.own-width"));
    m_ownWidth->setAccessibleName(tr("Own width in millimetres"));
    m_ownWidth->setRange(kLeastFigureWidth, kMostFigureWidth);
    m_ownWidth->setDecimals(1);
    m_ownWidth->setValue(120);
    m_ownWidth->setSuffix(tr(" mm"));
    m_ownWidth->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_ownWidth->setAlignment(Qt::AlignRight);
    addRow(grid, tr("Width"), m_width, m_ownWidth);
    QStringList scales;
    for (int scale = 1; scale <= kMostFigureScale; ++scale) {
        scales << tr("%1x, %2 pixels per inch").arg(scale).arg(96 * scale);
    }
    m_scale = addChoice("figure.scale", tr("Pixels of a PNG"), scales);
    m_scale->setCurrentIndex(FigureOptions{}.scale - 1);
    addRow(grid, tr("Scale"), m_scale, nullptr);
    m_ground = addChoice("figure.ground", tr("What lies behind the figure"),
                         {tr("White"), tr("Transparent"), tr("As the window")});
    addRow(grid, tr("Background"), m_ground, nullptr);
}

void FigureDialog::buildTexts(QGridLayout& grid) {
    m_title = new QLineEdit(this);
    m_title->setObjectName(QStringLiteral("figure.title"));
    m_title->setAccessibleName(tr("Title above the figure"));
    m_title->setPlaceholderText(tr("No title"));
    addRow(grid, tr("Title"), m_title, nullptr);
    m_axes = new TickBox(tr("Axis titles"), this);
    m_axes->setObjectName(QStringLiteral("figure.axes"));
    m_axes->setAccessibleName(tr("Axis titles"));
    m_axes->setChecked(true);
    addRow(grid, tr("Axes"), m_axes, nullptr);
    m_captionText = new QPlainTextEdit(this);
    m_captionText->setObjectName(QStringLiteral("figure.caption"));
    m_captionText->setAccessibleName(tr("Caption below the figure"));
    m_captionText->setPlaceholderText(tr("No caption"));
    m_captionText->setTabChangesFocus(true);
    m_captionText->setFixedHeight(4 * m_captionText->fontMetrics().lineSpacing() + 12);
    addRow(grid, tr("Caption"), m_captionText, nullptr);
}

void FigureDialog::buildFile(QGridLayout& grid) {
    m_file = new QLineEdit(this);
    m_file->setObjectName(QStringLiteral("figure.file"));
    m_file->setAccessibleName(tr("File to write"));
    m_browse = makeButton("figure.browse", tr("Browse…"), this);
    m_browse->setAutoDefault(false);
    addRow(grid, tr("File"), m_file, m_browse);
    connect(m_file, &QLineEdit::textChanged, this, [this] {
        m_askedFor.clear();
        m_error.clear();
        refresh();
    });
    connect(m_browse, &QPushButton::clicked, this, &FigureDialog::browse);
}

void FigureDialog::buildButtons() {
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_start = makeButton("figure.start", tr("Export"), this);
    m_start->setProperty("primary", true);
    m_start->setDefault(true);
    auto* close = makeButton("figure.close", tr("Close"), this);
    close->setAutoDefault(false); // Enter exports
    buttons->addWidget(m_start);
    buttons->addStretch(1);
    buttons->addWidget(close);
    static_cast<QVBoxLayout*>(layout())->addLayout(buttons);
    connect(m_start, &QPushButton::clicked, this, &FigureDialog::start);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
}

void FigureDialog::showFor(InstrumentPanel& panel, const QString& caption) {
    m_panel = &panel;
    m_error.clear();
    setWindowTitle(tr("Export %1").arg(panel.title()));
    m_title->setText(panel.title());
    m_caption = caption;
    m_captionText->setPlainText(caption);
    const QString name = panel.id().section(QLatin1Char('.'), -1);
    m_file->setText(
        QDir(m_folder).filePath(name + QLatin1Char('.') + endingOf(m_kind->currentIndex())));
    refresh();
    show();
    raise();
    activateWindow();
}

FigureOptions FigureDialog::options() const {
    FigureOptions options;
    const auto width = static_cast<std::size_t>(m_width->currentIndex());
    options.width = width < kWidths.size() ? kWidths.at(width) : m_ownWidth->value();
    options.scale = m_scale->currentIndex() + 1;
    options.ground = static_cast<Ground>(m_ground->currentIndex());
    options.axes = m_axes->isChecked();
    options.title = m_title->text().trimmed();
    // As proposed it is made when the file is written: the run may have gone on meanwhile.
    const QString caption = m_captionText->toPlainText().trimmed();
    if (caption != m_caption) {
        options.caption = caption;
    }
    return options;
}

QString FigureDialog::file() const {
    return m_file->text().trimmed();
}

void FigureDialog::browse() {
    QFileDialog dialog(this, windowTitle(), QFileInfo(file()).absolutePath());
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setOption(QFileDialog::DontConfirmOverwrite); // Export asks
    const QString ending = endingOf(m_kind->currentIndex());
    dialog.setDefaultSuffix(ending);
    dialog.setNameFilter(QStringLiteral("%1 (*.%2)").arg(m_kind->currentText(), ending));
    dialog.selectFile(QFileInfo(file()).fileName());
    if (dialog.exec() == QDialog::Accepted && !dialog.selectedFiles().isEmpty()) {
        m_file->setText(dialog.selectedFiles().constFirst());
    }
}

/// The name keeps its folder and stem.
void FigureDialog::followKind() {
    const QFileInfo info(file());
    m_file->setText(QDir(info.path())
                        .filePath(info.completeBaseName() + QLatin1Char('.') +
                                  endingOf(m_kind->currentIndex())));
}

void FigureDialog::start() {
    if (QFileInfo::exists(file()) && m_askedFor != file()) {
        m_askedFor = file();
        refresh();
        return;
    }
    m_askedFor.clear();
    try {
        m_write(*m_panel, file(), options());
    } catch (const Error& error) {
        m_error = QString::fromStdString(error.message()) + QLatin1Char('\n') +
                  QString::fromStdString(error.hint());
        refresh();
        return;
    }
    m_folder = QFileInfo(file()).absolutePath();
    if (KeptFolders* kept = KeptFolders::of(*this)) {
        kept->keep(kKind, file());
    }
    Q_EMIT saved(file());
    accept();
}

void FigureDialog::refresh() {
    const bool isTable = m_kind->currentIndex() >= kFirstTable;
    for (QWidget* field :
         std::initializer_list<QWidget*>{m_width, m_ground, m_title, m_axes, m_captionText}) {
        field->setEnabled(!isTable);
    }
    m_ownWidth->setEnabled(!isTable && m_width->currentIndex() == static_cast<int>(kWidths.size()));
    m_scale->setEnabled(m_kind->currentIndex() == kPng);
    m_note->setText(isTable ? tr("The exact values of all rows.")
                            : tr("The file contains model, text, routing, cursor and layout: open "
                                 "or drop it here to bring them back."));
    const bool isAsking = !m_askedFor.isEmpty();
    m_problem->setText(isAsking
                           ? tr("%1 already exists. Replace it?").arg(QFileInfo(file()).fileName())
                           : m_error);
    m_problem->setVisible(!m_problem->text().isEmpty());
    m_start->setText(isAsking ? tr("Replace") : tr("Export"));
    m_start->setAccessibleName(m_start->text());
    m_start->setEnabled(!file().isEmpty());
    layout()->activate(); // the lines of wrapped words, which a dialog's own minimum leaves out
    resize(width(), std::max(height(), layout()->totalMinimumHeightForWidth(width())));
}

} // namespace depthscope::panels

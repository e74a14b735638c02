// SPDX-License-Identifier: MIT
// File dialogs, help, and what the lab window remembers between starts.
#include "widgets/panels/banner.h"
#include "widgets/panels/graded_dialog.h"
#include "widgets/panels/lab_controller.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/measure_dialog.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/prompt_panel.h"
#include "widgets/panels/theme_style.h"
#include "widgets/panels/toast.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QMessageBox>
#include <QPainter>
#include <QSettings>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextTable>
#include <QToolBar>
#include <QVBoxLayout>
#include <algorithm>

namespace depthscope::panels {

namespace {

/// Raised when docks come or go: an older state is not restored.
constexpr int kLayoutVersion = 2;
constexpr qsizetype kMostRecent = 8;
constexpr int kSideWidth = 296;
constexpr int kSavedHeight = 322;   // with both amber lines
constexpr int kTokenHeight = 140;   // so that a low window shows some lines of it
constexpr int kRoutingHeight = 312; // of a model with three recursions, and its amber line
constexpr int kGenerateHeight = 240;
/// Menu, toolbar and status bar together.
constexpr int kBars = 100;

QString guideFile() {
    const QDir program(QCoreApplication::applicationDirPath());
    for (const char* relative :
         {"../../docs/instruments.md", "../share/doc/depthscope/instruments.md"}) {
        QString file = QDir::cleanPath(program.absoluteFilePath(QString::fromLatin1(relative)));
        if (QFile::exists(file)) {
            return file;
        }
    }
    return {};
}

/// Markdown comes with framed cells and paragraphs without room between them.
void layOutGuide(QTextDocument& document, const QColor& line) {
    constexpr int kCell = 5;
    constexpr double kHeadRoom = 18;
    constexpr double kRoom = 6;
    for (QTextFrame* frame : document.rootFrame()->childFrames()) {
        if (auto* table = qobject_cast<QTextTable*>(frame)) {
            QTextTableFormat format = table->format();
            format.setBorderCollapse(true);
            format.setBorder(1);
            format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
            format.setBorderBrush(line);
            format.setCellPadding(kCell);
            format.setCellSpacing(0);
            format.setBottomMargin(kHeadRoom);
            table->setFormat(format);
        }
    }
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        QTextCursor cursor(block);
        if (cursor.currentTable() != nullptr) {
            continue;
        }
        QTextBlockFormat format = block.blockFormat();
        format.setTopMargin(format.headingLevel() > 0 ? kHeadRoom : 0);
        format.setBottomMargin(kRoom);
        format.setLineHeight(120, QTextBlockFormat::ProportionalHeight);
        cursor.setBlockFormat(format);
    }
}

} // namespace

void MainWindow::askText() {
    const QString file = QFileDialog::getOpenFileName(this, tr("Open text"));
    if (!file.isEmpty()) {
        m_prompt->openTextFile(file);
    }
}

void MainWindow::askGradedText() {
    auto* dialog = new GradedDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
            [this, dialog] { m_lab.makeGradedText(dialog->request()); });
    dialog->open();
}

void MainWindow::showMeasure() {
    if (!m_measure) {
        m_measure = new MeasureDialog(m_lab, this);
    }
    m_measure->show();
    m_measure->raise();
    m_measure->activateWindow();
}

void MainWindow::askRecording() {
    const QString file = QFileDialog::getOpenFileName(
        this, tr("Open recording"), {}, tr("Recordings (*.depthscope);;All files (*)"));
    if (!file.isEmpty()) {
        m_lab.openRecording(file);
    }
}

void MainWindow::askSaveRecording() {
    QFileDialog dialog(this, tr("Save recording"), {}, tr("Recordings (*.depthscope)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("depthscope"));
    if (dialog.exec() == QDialog::Accepted && !dialog.selectedFiles().isEmpty()) {
        m_lab.saveRecording(dialog.selectedFiles().constFirst());
    }
}

void MainWindow::askModelFolder() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Open model folder"));
    if (!folder.isEmpty()) {
        openModel(folder);
    }
}

void MainWindow::askExport(const QString& panelId) {
    InstrumentPanel* source = panel(panelId);
    if (!source) {
        return;
    }
    QFileDialog dialog(this, tr("Save %1").arg(source->title()));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setNameFilters({tr("Vector picture (*.svg)"), tr("PDF (*.pdf)"), tr("Picture (*.png)"),
                           tr("Table (*.csv)")});
    dialog.setDefaultSuffix(QStringLiteral("svg"));
    connect(&dialog, &QFileDialog::filterSelected, &dialog, [&dialog](const QString& filter) {
        const qsizetype star = filter.indexOf(QStringLiteral("*."));
        dialog.setDefaultSuffix(filter.mid(star + 2, 3));
    });
    dialog.selectFile(panelId.section(QLatin1Char('.'), -1));
    if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty()) {
        return;
    }
    try {
        source->exportTo(dialog.selectedFiles().constFirst());
        m_toast->showMessage(
            tr("Saved %1.").arg(QFileInfo(dialog.selectedFiles().constFirst()).fileName()));
    } catch (const Error& error) {
        m_banner->showError(tr("%1 was not saved").arg(source->title()),
                            QString::fromStdString(error.message()),
                            QString::fromStdString(error.hint()));
    }
}

void MainWindow::explain(const QString& panelId) {
    QFile file(guideFile());
    if (!file.open(QIODevice::ReadOnly)) {
        m_toast->showMessage(tr("docs/instruments.md is not installed with this program."));
        return;
    }
    auto* dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Instruments"));
    dialog->resize(720, 640);
    auto* column = new QVBoxLayout(dialog);
    column->setContentsMargins(0, 0, 0, 0);
    auto* browser = new QTextBrowser(dialog);
    browser->setAccessibleName(tr("Guide to the instruments"));
    browser->setOpenExternalLinks(true);
    browser->setFrameShape(QFrame::NoFrame);
    browser->document()->setDocumentMargin(24);
    browser->setMarkdown(QString::fromUtf8(file.readAll()));
    layOutGuide(*browser->document(), toQt(m_theme.hairline));
    column->addWidget(browser);
    dialog->show();
    if (const InstrumentPanel* source = panel(panelId)) {
        browser->find(source->title(), QTextDocument::FindCaseSensitively);
    }
}

void MainWindow::about() {
    auto* box = new QMessageBox(this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(tr("About Depthscope"));
    box->setText(tr("<b>Depthscope %1</b>").arg(QCoreApplication::applicationVersion()));
    box->setInformativeText(
        tr("A laboratory for adaptive computation: how deep each token thinks, live.\n\n"
           "MIT licence. Qt %1.")
            .arg(QString::fromLatin1(qVersion())));
    box->open();
}

void MainWindow::rememberModel(const QString& folder) {
    for (const ModelEntry& entry : m_lab.catalog().bundled()) {
        if (entry.folder == folder) {
            return;
        }
    }
    m_recent.removeAll(folder);
    m_recent.prepend(folder);
    while (m_recent.size() > kMostRecent) {
        m_recent.removeLast();
    }
    refreshModelMenu();
}

void MainWindow::resetLayout() {
    for (PanelDock* each : m_docks) {
        each->setFloating(false);
        removeDockWidget(each);
    }
    PanelDock* prompt = dock("prompt");
    PanelDock* text = dock("panel.text");
    PanelDock* saved = dock("panel.saved");
    if (!prompt || !text || !saved) {
        return;
    }
    addDockWidget(Qt::LeftDockWidgetArea, prompt);
    splitDockWidget(prompt, text, Qt::Horizontal);
    splitDockWidget(text, saved, Qt::Horizontal);
    const auto stack = [&](QDockWidget* top, std::initializer_list<const char*> ids) {
        QDockWidget* above = top;
        for (const char* id : ids) {
            if (QDockWidget* next = dock(id)) {
                splitDockWidget(above, next, Qt::Vertical);
                above = next;
            }
        }
    };
    stack(prompt, {"routing", "generate"});
    stack(text, {"panel.depth", "panel.kv", "panel.transport", "train"});
    stack(saved, {"panel.experts", "panel.router", "panel.token"});
    for (PanelDock* each : m_docks) {
        each->show();
    }
    dock("train")->hide();
    const auto model = m_lab.model();
    m_expertsShown = model && model->experts > 0;
    dock(m_expertsShown ? "panel.router" : "panel.experts")->hide();
    const int across = width();
    resizeDocks({prompt, text, saved}, {kSideWidth, across - 2 * kSideWidth, kSideWidth},
                Qt::Horizontal);
    const auto heights = [&](std::initializer_list<const char*> ids, const QList<int>& sizes) {
        QList<QDockWidget*> found;
        for (const char* id : ids) {
            if (QDockWidget* each = dock(id)) {
                found << each;
            }
        }
        if (found.size() == sizes.size()) {
            resizeDocks(found, sizes, Qt::Vertical);
        }
    };
    // Forms and figures keep the height that they need; what grows shares the rest.
    const int total = height() - kBars;
    heights({"prompt", "routing", "generate"},
            {total - kRoutingHeight - kGenerateHeight, kRoutingHeight, kGenerateHeight});
    const int plots = total - 104;
    heights({"panel.text", "panel.depth", "panel.kv", "panel.transport"},
            {plots * 29 / 100, plots * 43 / 100, plots * 28 / 100, 104});
    resizeSheets();
}

void MainWindow::resizeSheets() {
    const int total = height() - kBars;
    const int top = std::min(kSavedHeight, total * 47 / 100);
    const int bottom = std::max(kTokenHeight, (total - top) * 32 / 100);
    PanelDock* saved = dock("panel.saved");
    PanelDock* middle = dock(m_expertsShown ? "panel.experts" : "panel.router");
    PanelDock* token = dock("panel.token");
    if (saved && middle && token) {
        resizeDocks({saved, middle, token}, {top, total - top - bottom, bottom}, Qt::Vertical);
    }
}

void MainWindow::readSettings() {
    if (!m_options.remembers) {
        return;
    }
    const QSettings settings;
    m_recent = settings.value(QStringLiteral("models/recent")).toStringList();
    if (m_options.theme == ThemeChoice::System) {
        const int theme = settings.value(QStringLiteral("view/theme"), 0).toInt();
        m_options.theme = static_cast<ThemeChoice>(std::clamp(theme, 0, 2));
    }
    m_zoom = std::clamp(settings.value(QStringLiteral("view/zoom"), 1.0).toDouble(), 0.7, 2.5);
}

void MainWindow::restoreLayout() {
    if (!m_options.remembers) {
        return;
    }
    const QSettings settings;
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    if (!restoreState(settings.value(QStringLiteral("window/state")).toByteArray(),
                      kLayoutVersion)) {
        resetLayout();
    }
    m_expertsShown = !dock("panel.experts")->isHidden();
    m_bannerBar->hide();
}

void MainWindow::saveLayout() {
    if (!m_options.remembers) {
        return;
    }
    QSettings settings;
    settings.setValue(QStringLiteral("models/recent"), m_recent);
    settings.setValue(QStringLiteral("view/theme"), static_cast<int>(m_options.theme));
    settings.setValue(QStringLiteral("view/zoom"), m_zoom);
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings.setValue(QStringLiteral("window/state"), saveState(kLayoutVersion));
}

QImage MainWindow::picture() {
    while (m_awake < m_panels.size()) {
        m_panels[m_awake++]->host().setAsleep(false);
    }
    QImage image = grab().toImage();
    QPainter painter(&image);
    for (QDialog* dialog : findChildren<QDialog*>()) {
        if (dialog->isVisible()) {
            painter.drawPixmap(mapFromGlobal(dialog->mapToGlobal(QPoint())), dialog->grab());
        }
    }
    return image;
}

} // namespace depthscope::panels

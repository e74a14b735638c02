// SPDX-License-Identifier: MIT
#include "widgets/panels/guide.h"

#include "widgets/panels/theme_style.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QMessageBox>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextTable>
#include <QVBoxLayout>

namespace depthscope::panels {

namespace {

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

bool showGuide(QWidget* window, const scene::Theme& theme, const QString& heading) {
    QFile file(guideFile());
    if (!file.open(QIODevice::ReadOnly)) {
        return false;
    }
    auto* dialog = new QDialog(window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(QCoreApplication::translate("Guide", "Instruments"));
    dialog->resize(720, 640);
    auto* column = new QVBoxLayout(dialog);
    column->setContentsMargins(0, 0, 0, 0);
    auto* browser = new QTextBrowser(dialog);
    browser->setAccessibleName(QCoreApplication::translate("Guide", "Guide to the instruments"));
    browser->setOpenExternalLinks(true);
    browser->setFrameShape(QFrame::NoFrame);
    browser->document()->setDocumentMargin(24);
    browser->setMarkdown(QString::fromUtf8(file.readAll()));
    layOutGuide(*browser->document(), toQt(theme.hairline));
    column->addWidget(browser);
    dialog->show();
    if (!heading.isEmpty()) {
        browser->find(heading, QTextDocument::FindCaseSensitively);
    }
    return true;
}

void showAbout(QWidget* window) {
    auto* box = new QMessageBox(window);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(QCoreApplication::translate("Guide", "About Depthscope"));
    box->setText(QCoreApplication::translate("Guide", "<b>Depthscope %1</b>")
                     .arg(QCoreApplication::applicationVersion()));
    box->setInformativeText(
        QCoreApplication::translate(
            "Guide", "A laboratory for adaptive computation: how deep each token thinks, live.\n\n"
                     "MIT licence. Qt %1.")
            .arg(QString::fromLatin1(qVersion())));
    box->open();
}

} // namespace depthscope::panels

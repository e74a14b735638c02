// SPDX-License-Identifier: MIT
#include "widgets/panels/guide.h"

#include "widgets/panels/controls.h"
#include "widgets/panels/instrument_panel.h"
#include "widgets/panels/panel_dock.h"
#include "widgets/panels/theme_style.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QHBoxLayout>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextTable>
#include <QUrl>
#include <QVBoxLayout>

namespace depthscope::panels {

namespace {

constexpr const char* kPage = "instruments.md";

/// The file of a page; empty: not installed.
QString fileOf(const QString& page) {
    const QDir program(QCoreApplication::applicationDirPath());
    for (const char* relative : {"../../docs/", "../share/doc/depthscope/"}) {
        QString file =
            QDir::cleanPath(program.absoluteFilePath(QString::fromLatin1(relative) + page));
        if (QFile::exists(file)) {
            return file;
        }
    }
    return {};
}

/// As GitHub names the anchor of a heading.
QString slugOf(const QString& heading) {
    QString slug;
    for (const QChar c : heading.toLower()) {
        if (c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_')) {
            slug += c;
        } else if (c == QLatin1Char(' ')) {
            slug += QLatin1Char('-');
        }
    }
    return slug;
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

/// One page at a time, with the way back.
class Guide final : public QDialog {
public:
    Guide(QWidget* window, const scene::Theme& theme)
        : QDialog(window)
        , m_browser(new QTextBrowser(this)) {
        setObjectName(QStringLiteral("guide"));
        setAttribute(Qt::WA_DeleteOnClose);
        setWindowTitle(QCoreApplication::translate("Guide", "Guide"));
        resize(760, 680);
        auto* back = makeButton("guide.back", QCoreApplication::translate("Guide", "Back"), this);
        auto* forward =
            makeButton("guide.forward", QCoreApplication::translate("Guide", "Forward"), this);
        auto* row = new QHBoxLayout;
        row->setContentsMargins(16, 8, 16, 8);
        row->setSpacing(8);
        for (QPushButton* button : {back, forward}) {
            button->setEnabled(false);
            button->setAutoDefault(false);
            row->addWidget(button);
        }
        row->addStretch(1);
        m_browser->setAccessibleName(QCoreApplication::translate("Guide", "Page of the guide"));
        m_browser->setOpenExternalLinks(true);
        m_browser->setFrameShape(QFrame::NoFrame);
        auto* column = new QVBoxLayout(this);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(0);
        column->addLayout(row);
        column->addWidget(m_browser, 1);
        connect(back, &QPushButton::clicked, m_browser, &QTextBrowser::backward);
        connect(forward, &QPushButton::clicked, m_browser, &QTextBrowser::forward);
        connect(m_browser, &QTextBrowser::backwardAvailable, back, &QWidget::setEnabled);
        connect(m_browser, &QTextBrowser::forwardAvailable, forward, &QWidget::setEnabled);
        connect(m_browser, &QTextBrowser::sourceChanged, this,
                [this, line = toQt(theme.hairline)](const QUrl& source) { follow(source, line); });
    }

    void showPage(const QUrl& source) { m_browser->setSource(source); }

private:
    void follow(const QUrl& source, const QColor& line) {
        QTextDocument& page = *m_browser->document();
        if (m_file != source.path()) {
            m_file = source.path();
            page.setDocumentMargin(24);
            layOutGuide(page, line);
        }
        // Once the window has its size, and the page its lines.
        QMetaObject::invokeMethod(
            this, [this, anchor = source.fragment()] { showHeading(anchor); },
            Qt::QueuedConnection);
    }

    void showHeading(const QString& anchor) {
        const int at = headingAt(*m_browser->document(), anchor);
        if (at < 0) {
            return;
        }
        QTextCursor cursor(m_browser->document());
        cursor.setPosition(at);
        m_browser->setTextCursor(cursor);
        m_browser->verticalScrollBar()->setValue(m_browser->verticalScrollBar()->value() +
                                                 m_browser->cursorRect(cursor).top() - kAbove);
    }

    static constexpr int kAbove = 12;

    QTextBrowser* m_browser;
    QString m_file;
};

} // namespace

QString guideOf(const QWidget* widget) {
    for (; widget != nullptr; widget = widget->parentWidget()) {
        const QString named = widget->property("guide").toString();
        if (!named.isEmpty()) {
            return named;
        }
        const InstrumentPanel* panel = qobject_cast<const InstrumentPanel*>(widget);
        if (panel == nullptr && qobject_cast<const PanelDock*>(widget) != nullptr) {
            panel = widget->findChild<InstrumentPanel*>();
        }
        if (panel != nullptr) {
            return QString::fromLatin1(kPage) + QLatin1Char('#') + panel->id();
        }
        if (qobject_cast<const PanelDock*>(widget) != nullptr) { // a form
            return QString::fromLatin1(kPage) + QLatin1Char('#') +
                   widget->objectName().section(QLatin1Char('.'), 1);
        }
    }
    return QString::fromLatin1(kPage);
}

int headingAt(const QTextDocument& page, const QString& anchor) {
    if (anchor.isEmpty()) {
        return -1;
    }
    const QString inBrackets = QLatin1Char('(') + anchor + QLatin1Char(')');
    for (QTextBlock block = page.begin(); block.isValid(); block = block.next()) {
        const QString text = block.text();
        if (block.blockFormat().headingLevel() > 0 &&
            (text.contains(inBrackets) || slugOf(text) == anchor)) {
            return block.position();
        }
    }
    return -1;
}

bool showGuide(QWidget* window, const scene::Theme& theme, const QString& where) {
    const QString file = fileOf(where.section(QLatin1Char('#'), 0, 0));
    if (file.isEmpty()) {
        return false;
    }
    QUrl source = QUrl::fromLocalFile(file);
    source.setFragment(where.section(QLatin1Char('#'), 1));
    auto* guide = static_cast<Guide*>(window->findChild<QDialog*>(QStringLiteral("guide")));
    if (guide == nullptr) {
        guide = new Guide(window, theme);
    }
    guide->showPage(source);
    guide->show();
    guide->raise();
    guide->activateWindow();
    return true;
}

void showAbout(QWidget* window) {
    auto* box = new QMessageBox(window);
    box->setObjectName(QStringLiteral("about"));
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

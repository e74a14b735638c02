// SPDX-License-Identifier: MIT
#include "widgets/panels/banner.h"

#include "widgets/panels/icons.h"

#include <QEvent>
#include <QLabel>
#include <QToolButton>
#include <algorithm>

namespace depthscope::panels {

namespace {

constexpr std::size_t kMostItems = 20;
constexpr int kLeastTextWidth = 100;
constexpr int kEdge = 4;
constexpr int kGap = 12;
constexpr int kRight = 8;

/// Escaped, with places to break inside paths and names, where no space stands.
QString breakable(const QString& text) {
    QString html;
    for (const QChar c : text) {
        html += QString(c).toHtmlEscaped();
        if (c == QLatin1Char('/') || c == QLatin1Char('.') || c == QLatin1Char('_')) {
            html += QChar(0x200B);
        }
    }
    return html;
}

} // namespace

Banner::Banner(QWidget* parent)
    : QFrame(parent) {
    setObjectName(QStringLiteral("banner"));
    m_edge = new QFrame(this);
    m_edge->setObjectName(QStringLiteral("bannerEdge"));
    m_text = new QLabel(this);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::RichText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setContentsMargins(0, 8, 0, 8);
    m_close = new QToolButton(this);
    m_close->setAccessibleName(tr("Dismiss the message"));
    m_close->setToolTip(tr("Dismiss"));
    connect(m_close, &QToolButton::clicked, this, &Banner::dismiss);
}

void Banner::setTheme(const scene::Theme& theme) {
    m_close->setIcon(icon(Icon::Close, theme));
}

void Banner::showError(const QString& title, const QString& message, const QString& hint) {
    m_items.push_front({title, message, hint});
    if (m_items.size() > kMostItems) {
        m_items.pop_back();
    }
    present();
}

void Banner::dismiss() {
    if (!m_items.empty()) {
        m_items.pop_front();
    }
    present();
}

void Banner::retract(const QString& title) {
    std::erase_if(m_items, [&](const Item& item) { return item.title == title; });
    present();
}

QString Banner::text() const {
    if (m_items.empty()) {
        return {};
    }
    const Item& item = m_items.front();
    return item.title.isEmpty() ? item.message : item.title + QStringLiteral(": ") + item.message;
}

void Banner::present() {
    if (m_items.empty()) {
        Q_EMIT shown(false);
        return;
    }
    const Item& item = m_items.front();
    QString body;
    if (!item.title.isEmpty()) {
        body = QStringLiteral("<b>%1.</b> ").arg(item.title.toHtmlEscaped());
    }
    body += breakable(item.message);
    if (!item.hint.isEmpty()) {
        body += QStringLiteral("<br>") + breakable(item.hint);
    }
    if (m_items.size() > 1) {
        body += QStringLiteral(" <i>") + tr("(%1 more)").arg(m_items.size() - 1) +
                QStringLiteral("</i>");
    }
    m_text->setText(body);
    m_text->setAccessibleName(text());
    fit();
    Q_EMIT shown(true);
}

// By hand: a layout keeps the height that a label had at an earlier, narrower width.
void Banner::fit() {
    const QSize close = m_close->sizeHint();
    const int across = isVisible() ? width() : window()->width();
    const int textWidth =
        std::max(kLeastTextWidth, across - kEdge - 2 * kGap - close.width() - kRight);
    const int high = std::max(m_text->heightForWidth(textWidth), close.height());
    setFixedHeight(high);
    m_edge->setGeometry(0, 0, kEdge, high);
    m_text->setGeometry(kEdge + kGap, 0, textWidth, high);
    m_close->setGeometry(across - kRight - close.width(), (high - close.height()) / 2,
                         close.width(), close.height());
}

bool Banner::event(QEvent* event) {
    const bool used = QFrame::event(event);
    // Another zoom brings another font.
    if (!m_items.empty() &&
        (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)) {
        fit();
    }
    return used;
}

void Banner::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    if (!m_items.empty()) {
        fit();
    }
}

} // namespace depthscope::panels

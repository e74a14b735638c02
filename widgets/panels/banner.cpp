// SPDX-License-Identifier: MIT
#include "widgets/panels/banner.h"

#include "widgets/panels/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <algorithm>

namespace depthscope::panels {

namespace {

constexpr std::size_t kMostItems = 20;

} // namespace

Banner::Banner(QWidget* parent)
    : QFrame(parent) {
    setObjectName(QStringLiteral("banner"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 8, 0);
    row->setSpacing(12);
    m_edge = new QFrame(this);
    m_edge->setObjectName(QStringLiteral("bannerEdge"));
    m_edge->setFixedWidth(4);
    m_text = new QLabel(this);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::RichText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setContentsMargins(0, 8, 0, 8);
    m_close = new QToolButton(this);
    m_close->setAccessibleName(tr("Dismiss the message"));
    m_close->setToolTip(tr("Dismiss"));
    row->addWidget(m_edge);
    row->addWidget(m_text, 1);
    row->addWidget(m_close);
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
    body += item.message.toHtmlEscaped();
    if (!item.hint.isEmpty()) {
        body += QStringLiteral("<br>") + item.hint.toHtmlEscaped();
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

void Banner::fit() {
    // A label that wraps asks for far more height than it needs at this width.
    const int taken = m_edge->width() + m_close->sizeHint().width() + 3 * layout()->spacing();
    const int height = m_text->heightForWidth(std::max(100, width() - taken));
    setFixedHeight(std::max(height, m_close->sizeHint().height()));
}

void Banner::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    fit();
}

} // namespace depthscope::panels

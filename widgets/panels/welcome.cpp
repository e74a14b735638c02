// SPDX-License-Identifier: MIT
#include "widgets/panels/welcome.h"

#include "widgets/panels/controls.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

namespace depthscope::panels {

namespace {

// In characters, so that it grows with the zoom.
constexpr int kWidth = 104;
constexpr int kCardWidth = 46;

QLabel* wrapped(const QString& text, QWidget* parent) {
    auto* label = new QLabel(text, parent);
    label->setWordWrap(true);
    label->setAttribute(Qt::WA_TransparentForMouseEvents); // the card is what is pressed
    return label;
}

} // namespace

ExampleCard::ExampleCard(const lab::Example& example, QWidget* parent)
    : QPushButton(parent) {
    setObjectName(QStringLiteral("welcome.") + example.id);
    setAccessibleName(example.title);
    setAccessibleDescription(example.hint);
    setAutoDefault(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 12, 16, 12);
    column->setSpacing(4);
    auto* title = wrapped(example.title, this);
    QFont strong = title->font();
    strong.setWeight(QFont::Medium);
    title->setFont(strong);
    auto* hint = wrapped(example.hint, this);
    hint->setObjectName(QStringLiteral("muted"));
    column->addWidget(title);
    column->addWidget(hint);
    column->addStretch(1);
}

QSize ExampleCard::sizeHint() const {
    const int width = kCardWidth * fontMetrics().averageCharWidth();
    return {width, heightForWidth(width)};
}

int ExampleCard::heightForWidth(int width) const {
    return layout() ? layout()->totalHeightForWidth(width) : QPushButton::sizeHint().height();
}

Welcome::Welcome(const QList<lab::Example>& examples, QWidget* window)
    : QDialog(window) {
    setObjectName(QStringLiteral("welcome"));
    setWindowTitle(tr("Welcome to Depthscope"));
    setProperty("guide", QStringLiteral("instruments.md#welcome"));
    resize(std::min(kWidth * fontMetrics().averageCharWidth(), window->width() * 9 / 10), 0);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 16);
    column->setSpacing(16);
    column->addWidget(wrapped(tr("See how much each token is computed, change it, and watch the "
                                 "text re-route. These examples are recordings: they open at once, "
                                 "and their models follow."),
                              this));
    auto* cards = new QGridLayout;
    cards->setSpacing(12);
    int index = 0;
    for (const lab::Example& example : examples) {
        auto* card = new ExampleCard(example, this);
        connect(card, &QPushButton::clicked, this, [this, example] {
            accept();
            Q_EMIT chosen(example);
        });
        cards->addWidget(card, index / 2, index % 2);
        ++index;
    }
    cards->setColumnStretch(0, 1);
    cards->setColumnStretch(1, 1);
    column->addLayout(cards);
    auto* again = new QLabel(tr("Help > Welcome shows this again."), this);
    again->setObjectName(QStringLiteral("muted"));
    auto* guide = makeButton("welcome.guide", tr("Read the guide"), this);
    auto* own = makeButton("welcome.close", tr("Start with my own text"), this);
    guide->setAutoDefault(false);
    own->setAutoDefault(false);
    auto* foot = new QHBoxLayout;
    foot->setSpacing(8);
    foot->addWidget(again, 1);
    foot->addWidget(guide);
    foot->addWidget(own);
    column->addLayout(foot);
    connect(guide, &QPushButton::clicked, this, &Welcome::guideRequested);
    connect(own, &QPushButton::clicked, this, &QDialog::reject);
}

/// Once style and zoom have given the words their size: a window is as high as its layout's least,
/// which does not count lines that are broken.
void Welcome::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    resize(width(), std::max(height(), layout()->totalHeightForWidth(width())));
}

} // namespace depthscope::panels

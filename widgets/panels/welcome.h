// SPDX-License-Identifier: MIT
// What a first start offers: examples that open at once, each with what to look for. Stays until an
// example is chosen or it is closed; Help brings it back. GUI thread; the window owns it.
#pragma once

#include "widgets/lab/examples.h"

#include <QDialog>
#include <QPushButton>

class QLabel;

namespace depthscope::panels {

/// A button of a title and a sentence below it.
class ExampleCard : public QPushButton {
    Q_OBJECT

public:
    ExampleCard(const lab::Example& example, QWidget* parent);

    [[nodiscard]] QSize sizeHint() const override;

    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }

    [[nodiscard]] int heightForWidth(int width) const override;
};

class Welcome : public QDialog {
    Q_OBJECT

public:
    Welcome(const QList<lab::Example>& examples, QWidget* window);

Q_SIGNALS:
    void chosen(const depthscope::lab::Example& example);
    void guideRequested();

protected:
    void showEvent(QShowEvent* event) override;
};

} // namespace depthscope::panels

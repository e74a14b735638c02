// SPDX-License-Identifier: MIT
// A line for the path of a file or folder: where it does not fit, its end is shown, and all of it
// on hover. GUI thread; parents own.
#pragma once

#include <QLineEdit>

namespace depthscope::panels {

class PathEdit : public QLineEdit {
    Q_OBJECT

public:
    using QLineEdit::QLineEdit;

    /// As it is shown without the focus.
    [[nodiscard]] QString shownText() const;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QRect room() const;
};

} // namespace depthscope::panels

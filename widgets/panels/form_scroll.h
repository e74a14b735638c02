// SPDX-License-Identifier: MIT
// A form that scrolls vertically if it does not fit, so that no form makes the window larger than
// the screen. Its rows keep the height that their wrapped texts need, which a plain scroll area
// does not ask for. GUI thread; owns the form.
#pragma once

#include <QScrollArea>

namespace depthscope::panels {

class FormScroll final : public QScrollArea {
    Q_OBJECT

public:
    explicit FormScroll(QWidget* form, QWidget* parent = nullptr);

    [[nodiscard]] QSize sizeHint() const override;
    /// As wide as the form; as high as a few rows.
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fit();
};

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
// Help > Keyboard: the keys of the window, read from its actions. GUI thread; the window owns it,
// and it deletes itself when closed.
#pragma once

#include <QDialog>

class QMainWindow;

namespace depthscope::panels {

class KeyboardDialog : public QDialog {
    Q_OBJECT

public:
    explicit KeyboardDialog(QMainWindow& window);

Q_SIGNALS:
    /// Of the keys inside panels: "instruments.md#mouse-and-keys".
    void guideRequested(const QString& where);
};

} // namespace depthscope::panels

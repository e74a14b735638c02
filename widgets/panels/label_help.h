// SPDX-License-Identifier: MIT
// Labels of forms and dialogs explain on hover the word that they stand for: by the glossary where
// it has the word, else as their field does. GUI thread; whoever shows the forms owns it.
#pragma once

#include <QObject>
#include <QString>

class QLabel;

namespace depthscope::panels {

/// Rich text for a tool tip; empty only for a label without a field.
[[nodiscard]] QString explanationOf(const QLabel& label);

/// Answers for all labels of the program while it lives.
class LabelHelp : public QObject {
    Q_OBJECT

public:
    explicit LabelHelp(QObject* parent);

    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace depthscope::panels

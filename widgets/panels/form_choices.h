// SPDX-License-Identifier: MIT
// What is chosen in a form, by the names of its controls, so that a later start can choose it
// again. GUI thread.
#pragma once

#include <QString>
#include <map>

class QWidget;

namespace depthscope::panels {

[[nodiscard]] std::map<QString, QString> choicesOf(const QWidget& form);

/// What the form lacks, or does not offer, is left alone.
void choose(QWidget& form, const std::map<QString, QString>& choices);

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
// Which keys and values recursions keep and read, and of a looped model what leaving does to a
// token: a row of the ROUTING form. Edits through the controller. GUI thread; parents own.
#pragma once

#include "engine/settings/routing.h"
#include "widgets/panels/controls.h"

#include <QString>

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class PolicyChoice : public ChoiceBox {
    Q_OBJECT

public:
    explicit PolicyChoice(lab::LabController& lab, QWidget* parent = nullptr);

    /// Shows what can be chosen and what is in force.
    void refresh();

    /// There is something to choose.
    [[nodiscard]] bool isOffered() const;

    /// What the row is about: keys, exits or the cache.
    [[nodiscard]] QString label() const;

    /// The policy in force; never Model.
    [[nodiscard]] settings::KvPolicy shown() const;

private:
    void choose(int index);
    [[nodiscard]] settings::Rule shownRule() const;

    lab::LabController& m_lab;
};

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
// How the patches of a video model choose their pattern experts: a row of the ROUTING form. Edits
// through the controller. GUI thread; parents own.
#pragma once

#include "widgets/panels/controls.h"

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class ExpertChoice : public ChoiceBox {
    Q_OBJECT

public:
    explicit ExpertChoice(lab::LabController& lab, QWidget* parent = nullptr);

    /// Shows what is set.
    void refresh();

    /// The model has pattern experts to choose from.
    [[nodiscard]] bool isOffered() const;

private:
    lab::LabController& m_lab;
};

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
#include "widgets/panels/expert_choice.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/panels/form_fields.h"

#include <QSignalBlocker>
#include <utility>

namespace depthscope::panels {

ExpertChoice::ExpertChoice(lab::LabController& lab, QWidget* parent)
    : ChoiceBox(parent)
    , m_lab(lab) {
    declareField(*this, "experts", tr("Choice of pattern experts"));
    // Names of spec::PatternMode.
    const std::pair<const char*, QString> modes[] = {{"", tr("As trained")},
                                                     {"token", tr("Each patch its best")},
                                                     {"expert", tr("Each expert its best patches")},
                                                     {"soft", tr("All four, weighted")},
                                                     {"layer", tr("One for all patches")},
                                                     {"random", tr("Random")}};
    for (const auto& [name, words] : modes) {
        addItem(words, QString::fromLatin1(name));
    }
    connect(this, &QComboBox::activated, this, [this](int index) {
        const std::string name = itemData(index).toString().toStdString();
        m_lab.edit(tr("Experts"), -1, [&](settings::LabSettings& s) { s.video.experts = name; });
    });
    refresh();
}

bool ExpertChoice::isOffered() const {
    const auto model = m_lab.model();
    return model && model->clip && model->experts > 0;
}

void ExpertChoice::refresh() {
    const QSignalBlocker blocker(this);
    setCurrentIndex(findData(QString::fromStdString(m_lab.settings().video.experts)));
}

} // namespace depthscope::panels

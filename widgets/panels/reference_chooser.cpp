// SPDX-License-Identifier: MIT
#include "widgets/panels/reference_chooser.h"

#include "engine/base/error.h"
#include "engine/spec/families.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/lab/reference_model.h"
#include "widgets/panels/kept_folder.h"

#include <QFileInfo>
#include <optional>

namespace depthscope::panels {

namespace {

/// What a folder's configuration, or its refusal, has against it.
std::optional<Error> whyNot(const spec::ModelInfo& model, const QString& folder) {
    try {
        return lab::whyNotReference(model, spec::describeFolder(folder.toStdString()));
    } catch (const Error& error) {
        return error;
    }
}

} // namespace

ReferenceChooser::ReferenceChooser(lab::LabController& lab, QWidget* window)
    : QObject(window)
    , m_lab(lab)
    , m_window(window) {
    connect(&m_lab, &lab::LabController::modelChanged, this, &ReferenceChooser::followModel);
}

void ReferenceChooser::ask() {
    const auto model = m_lab.model();
    const QString beside =
        model ? QFileInfo(QString::fromStdString(model->folder)).absolutePath() : QString();
    const QString folder =
        askForFolder(*m_window, {QStringLiteral("reference"), tr("Choose reference"), {}, beside});
    if (!folder.isEmpty()) {
        choose(folder);
    }
}

bool ReferenceChooser::choose(const QString& folder) {
    const auto model = m_lab.model();
    if (!model || !m_lab.live()) {
        Q_EMIT failed(tr("No reference"), tr("A reference stands beside a loaded model."),
                      tr("Open a model, or Run > Go live, then choose its reference."));
        return false;
    }
    const QString own = QString::fromStdString(model->folder);
    if (folder.isEmpty()) {
        m_chosen.remove(own);
        m_lab.compareWithModel({});
        return true;
    }
    if (const std::optional<Error> reason = whyNot(*model, folder)) {
        Q_EMIT failed(tr("%1 cannot be compared").arg(QFileInfo(folder).fileName()),
                      QString::fromStdString(reason->message()),
                      QString::fromStdString(reason->hint()));
        return false;
    }
    m_chosen.insert(own, folder);
    m_lab.compareWithModel(folder);
    return true;
}

bool ReferenceChooser::isChosen() const {
    const auto model = m_lab.model();
    return model && m_chosen.contains(QString::fromStdString(model->folder));
}

/// The laboratory forgets the choice when it loads a model.
void ReferenceChooser::followModel() {
    const auto model = m_lab.model();
    if (!model || !m_lab.live() || model == m_followed) {
        return;
    }
    m_followed = model;
    const QString chosen = m_chosen.value(QString::fromStdString(model->folder));
    if (!chosen.isEmpty()) {
        m_lab.compareWithModel(chosen);
    }
}

} // namespace depthscope::panels

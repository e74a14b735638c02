// SPDX-License-Identifier: MIT
// Which model losses are compared with ("vs vanilla"): the neighbour by its name, or one that the
// user chooses. A choice stays with its model for as long as the program runs. GUI thread; the
// window owns it.
#pragma once

#include "engine/spec/model_info.h"

#include <QHash>
#include <QObject>
#include <QString>
#include <memory>

class QWidget;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class ReferenceChooser : public QObject {
    Q_OBJECT

public:
    /// Both outlive it.
    ReferenceChooser(lab::LabController& lab, QWidget* window);

    /// Asks for a folder.
    void ask();
    /// A folder, of a model with the same vocabulary; empty: the neighbour again. False: failed()
    /// says why not.
    bool choose(const QString& folder);
    /// The user chose one for the model that is loaded.
    [[nodiscard]] bool isChosen() const;

    /// By the folder of the model.
    [[nodiscard]] const QHash<QString, QString>& chosen() const { return m_chosen; }

    /// Of an earlier start, before a model is loaded.
    void setChosen(QHash<QString, QString> chosen) { m_chosen = std::move(chosen); }

Q_SIGNALS:
    void failed(const QString& title, const QString& message, const QString& hint);

private:
    void followModel();

    lab::LabController& m_lab;
    QWidget* m_window;
    QHash<QString, QString> m_chosen;                  ///< by the folder of the model
    std::shared_ptr<const spec::ModelInfo> m_followed; ///< the laboratory knows its choice
};

} // namespace depthscope::panels

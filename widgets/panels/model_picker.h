// SPDX-License-Identifier: MIT
// The button of the tool bar that says which model is looked at and opens another: bundled ones,
// those opened before, a folder. GUI thread; the window owns it.
#pragma once

#include <QStringList>
#include <QToolButton>

class QMenu;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::scene {
class TextService;
struct Theme;
} // namespace depthscope::scene

namespace depthscope::panels {

class ModelPicker : public QToolButton {
    Q_OBJECT

public:
    /// `lab` and `text` outlive the picker.
    ModelPicker(lab::LabController& lab, const scene::TextService& text, QWidget* parent);

    void setTheme(const scene::Theme& theme);

    /// A menu that lists the folders opened before, too.
    void fillRecent(QMenu& menu);

    /// A bundled name or a folder; false after failed() when it is neither.
    bool open(const QString& nameOrFolder);
    void askFolder();

    [[nodiscard]] const QStringList& recent() const { return m_recent; }

    void setRecent(const QStringList& folders);

Q_SIGNALS:
    void failed(const QString& title, const QString& message, const QString& hint);

private:
    void refresh();
    void addBundled();
    void addRecent(QMenu& menu);
    void remember(const QString& folder);

    lab::LabController& m_lab;
    const scene::TextService& m_text;
    QMenu* m_menu = nullptr;
    QMenu* m_recentMenu = nullptr;
    QFont m_headFont;
    QStringList m_recent;
};

} // namespace depthscope::panels

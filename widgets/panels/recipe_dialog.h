// SPDX-License-Identifier: MIT
// What of a recipe shall differ: every quantity of a preset with its meaning, checked at
// each change, with what the model then has and takes. GUI thread.
#pragma once

#include "engine/spec/preset_info.h"

#include <QDialog>
#include <QString>
#include <vector>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace depthscope::scene {
class TextService;
}

namespace depthscope::panels {

class FormScroll;

class RecipeDialog : public QDialog {
    Q_OBJECT

public:
    RecipeDialog(const scene::TextService& text,
                 QString preset,
                 std::vector<settings::RecipeChange> changes,
                 QWidget* parent = nullptr);
    ~RecipeDialog() override;
    RecipeDialog(const RecipeDialog&) = delete;
    RecipeDialog& operator=(const RecipeDialog&) = delete;

    [[nodiscard]] const std::vector<settings::RecipeChange>& changes() const { return m_changes; }

private:
    void buildButtons();
    void ask();
    void showInfo(const spec::PresetInfo& info);
    void rebuild();
    void dropRows();
    void adjustChanges();
    QWidget* editorOf(const settings::RecipeField& field);
    void showValues();
    void markChanged();
    void showField(const std::string& name);
    void set(const std::string& name, const QString& value);
    void forget(const std::string& name);
    [[nodiscard]] bool isChanged(const std::string& name) const;

    struct Row {
        QWidget* editor = nullptr;
        QLabel* name = nullptr;
        QPushButton* reset = nullptr;
    };

    const scene::TextService& m_text;
    QString m_preset;
    std::vector<settings::RecipeChange> m_changes;
    std::string m_lastSet; ///< field; in sight where it is refused
    std::vector<settings::RecipeField> m_fields;
    std::vector<Row> m_rows; ///< one for each field
    QVBoxLayout* m_form = nullptr;
    FormScroll* m_scroll = nullptr;
    QWidget* m_table = nullptr; ///< a row for each field; made anew when there are others
    QLabel* m_summary = nullptr;
    QLabel* m_error = nullptr;
    QPushButton* m_resetAll = nullptr;
    QPushButton* m_use = nullptr;
};

} // namespace depthscope::panels

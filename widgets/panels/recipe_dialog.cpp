// SPDX-License-Identifier: MIT
#include "widgets/panels/recipe_dialog.h"

#include "engine/base/error.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/form_scroll.h"
#include "widgets/scene/text_service.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <optional>
#include <utility>

namespace depthscope::panels {

namespace {

constexpr int kWidth = 720;
constexpr int kHeight = 620;
constexpr int kEditorWidth = 170;

QString groupName(const std::string& group) {
    if (group == "Training") {
        return RecipeDialog::tr("Training");
    }
    if (group == "Shape") {
        return RecipeDialog::tr("Shape of the model");
    }
    if (group == "Recursion") {
        return RecipeDialog::tr("Recursion");
    }
    return group == "Router" ? RecipeDialog::tr("Router") : RecipeDialog::tr("Experts");
}

} // namespace

RecipeDialog::RecipeDialog(const scene::TextService& text,
                           QString preset,
                           std::vector<settings::RecipeChange> changes,
                           QWidget* parent)
    : QDialog(parent)
    , m_text(text)
    , m_preset(std::move(preset))
    , m_changes(std::move(changes)) {
    setObjectName(QStringLiteral("recipe"));
    setWindowTitle(tr("Recipe %1").arg(m_preset));
    resize(kWidth, kHeight);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 16, 0, 16);
    column->setSpacing(8);
    auto* form = new QWidget(this);
    m_form = new QVBoxLayout(form);
    m_form->setContentsMargins(24, 0, 24, 0);
    m_scroll = new FormScroll(form, this);
    column->addWidget(m_scroll, 1);
    auto* footer = new QVBoxLayout;
    footer->setContentsMargins(24, 0, 24, 0);
    footer->setSpacing(8);
    m_summary = new QLabel(this);
    m_summary->setWordWrap(true);
    m_error = new QLabel(this);
    m_error->setObjectName(QStringLiteral("amber"));
    m_error->setWordWrap(true);
    m_error->hide();
    footer->addWidget(m_summary);
    footer->addWidget(m_error);
    column->addLayout(footer);
    buildButtons();
    ask();
}

RecipeDialog::~RecipeDialog() {
    dropRows(); // else hiding a field that is being edited would still set it
}

void RecipeDialog::buildButtons() {
    auto* buttons = new QHBoxLayout;
    buttons->setContentsMargins(24, 0, 24, 0);
    buttons->setSpacing(8);
    m_resetAll = makeButton("recipe.reset", tr("Reset all"), this);
    auto* cancel = makeButton("recipe.cancel", tr("Cancel"), this);
    m_use = makeButton("recipe.use", tr("Use this recipe"), this);
    m_use->setProperty("primary", true);
    buttons->addWidget(m_resetAll);
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_use);
    for (QPushButton* button : {m_resetAll, cancel, m_use}) {
        button->setAutoDefault(false); // Enter commits the field that is being edited
    }
    qobject_cast<QVBoxLayout*>(layout())->addLayout(buttons);
    connect(m_resetAll, &QPushButton::clicked, this, [this] {
        m_changes.clear();
        ask();
    });
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_use, &QPushButton::clicked, this, &QDialog::accept);
}

void RecipeDialog::ask() {
    m_resetAll->setEnabled(!m_changes.empty());
    std::optional<Error> error;
    try {
        showInfo(spec::presetInfo(m_preset.toStdString(), m_changes, spec::NoEffect::LeaveOut));
    } catch (const Error& refused) {
        error = refused;
    }
    markChanged();
    m_use->setEnabled(!error);
    m_error->setVisible(error.has_value());
    m_summary->setVisible(!error);
    if (error) {
        showField(m_lastSet);
        m_error->setText(QString::fromStdString(error->message()) + QLatin1Char('\n') +
                         QString::fromStdString(error->hint()));
    }
}

void RecipeDialog::showInfo(const spec::PresetInfo& info) {
    const auto sameField = [](const settings::RecipeField& a, const settings::RecipeField& b) {
        return a.name == b.name && a.choices == b.choices;
    };
    const bool same = std::ranges::equal(info.fields, m_fields, sameField);
    if (!same) {
        dropRows();
    }
    m_fields = info.fields;
    adjustChanges();
    if (!same) {
        rebuild();
    }
    showValues();
    m_summary->setText(
        tr("%1 parameters, %2FLOP per token at full depth; training needs about %3 of memory "
           "(estimate).")
            .arg(QString::fromStdString(
                     scene::formatCount(m_text, static_cast<double>(info.parameters))),
                 QString::fromStdString(scene::formatCount(m_text, info.flopsPerToken)),
                 QString::fromStdString(scene::formatBytes(m_text, info.trainingBytes))));
}

/// As they were taken: what has no effect any more is forgotten, numbers are as they are
/// shown.
void RecipeDialog::adjustChanges() {
    std::erase_if(m_changes, [&](settings::RecipeChange& change) {
        const auto field = std::ranges::find(m_fields, change.name, &settings::RecipeField::name);
        if (field == m_fields.end()) {
            return true;
        }
        const bool taken = field->choices.empty() || field->value == change.value;
        change.value = field->value;
        return !taken;
    });
}

void RecipeDialog::dropRows() {
    for (const Row& row : m_rows) {
        row.editor->disconnect(this);
    }
    m_rows.clear();
}

void RecipeDialog::rebuild() {
    const QWidget* focused = focusWidget();
    const QString kept = focused ? focused->objectName() : QString();
    if (m_table) {
        m_form->removeWidget(m_table);
        m_table->hide();
        m_table->deleteLater(); // one of its editors may be the caller
    }
    m_table = new QWidget(this);
    m_form->addWidget(m_table);
    auto* grid = new QGridLayout(m_table);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(2, 1);
    std::string group;
    for (const settings::RecipeField& field : m_fields) {
        const int head = grid->rowCount();
        if (field.group != group) {
            group = field.group;
            auto* title = new QLabel(groupName(group), m_table);
            QFont bold = title->font();
            bold.setWeight(QFont::DemiBold);
            title->setFont(bold);
            title->setContentsMargins(0, head > 1 ? 12 : 0, 0, 0);
            grid->addWidget(title, head, 0, 1, 4);
        }
        Row row;
        row.name = new QLabel(QString::fromStdString(field.name), m_table);
        row.editor = editorOf(field);
        row.name->setBuddy(row.editor);
        auto* help = new QLabel(QString::fromStdString(field.help), m_table);
        help->setObjectName(QStringLiteral("muted"));
        help->setWordWrap(true);
        row.reset = makeButton("", tr("Reset"), m_table);
        row.reset->setObjectName(QStringLiteral("quiet"));
        row.reset->setAccessibleName(tr("Reset %1").arg(row.name->text()));
        row.reset->setAutoDefault(false);
        QSizePolicy policy = row.reset->sizePolicy();
        policy.setRetainSizeWhenHidden(true);
        row.reset->setSizePolicy(policy);
        connect(row.reset, &QPushButton::clicked, this,
                [this, name = field.name] { forget(name); });
        const int at = grid->rowCount();
        grid->addWidget(row.name, at, 0);
        grid->addWidget(row.editor, at, 1);
        grid->addWidget(help, at, 2);
        grid->addWidget(row.reset, at, 3);
        m_rows.push_back(row);
    }
    auto* again = kept.isEmpty() ? nullptr : m_table->findChild<QWidget*>(kept);
    if (QWidget* next = again || m_rows.empty() ? again : m_rows.front().editor) {
        next->setFocus();
    }
}

QWidget* RecipeDialog::editorOf(const settings::RecipeField& field) {
    QWidget* editor = nullptr;
    if (field.choices.empty()) {
        auto* line = new QLineEdit(m_table);
        line->setAlignment(Qt::AlignRight);
        connect(line, &QLineEdit::editingFinished, this,
                [this, line, name = field.name] { set(name, line->text().trimmed()); });
        editor = line;
    } else {
        auto* box = new ChoiceBox(m_table);
        for (const std::string& choice : field.choices) {
            box->addItem(QString::fromStdString(choice));
        }
        connect(box, &QComboBox::activated, this,
                [this, box, name = field.name] { set(name, box->currentText()); });
        editor = box;
    }
    editor->setObjectName(QStringLiteral("recipe.") + QString::fromStdString(field.name));
    editor->setAccessibleName(QString::fromStdString(field.name));
    editor->setFixedWidth(kEditorWidth);
    return editor;
}

void RecipeDialog::showValues() {
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const QString value = QString::fromStdString(m_fields[i].value);
        if (auto* box = qobject_cast<QComboBox*>(m_rows[i].editor)) {
            box->setCurrentText(value);
        } else if (auto* line = qobject_cast<QLineEdit*>(m_rows[i].editor);
                   line && !(line->hasFocus() && line->isModified())) {
            line->setText(value);
        }
    }
    markChanged();
}

void RecipeDialog::markChanged() {
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const bool changed = isChanged(m_fields[i].name);
        m_rows[i].reset->setVisible(changed);
        QFont font = m_rows[i].name->font();
        font.setWeight(changed ? QFont::DemiBold : QFont::Normal);
        m_rows[i].name->setFont(font);
    }
}

void RecipeDialog::showField(const std::string& name) {
    const auto field = std::ranges::find(m_fields, name, &settings::RecipeField::name);
    const auto index = static_cast<std::size_t>(field - m_fields.begin());
    if (index < m_rows.size()) {
        m_scroll->ensureWidgetVisible(m_rows[index].editor);
    }
}

bool RecipeDialog::isChanged(const std::string& name) const {
    return std::ranges::any_of(
        m_changes, [&](const settings::RecipeChange& change) { return change.name == name; });
}

void RecipeDialog::set(const std::string& name, const QString& value) {
    const auto shown = std::ranges::find(m_fields, name, &settings::RecipeField::name);
    if (shown != m_fields.end() && shown->value == value.toStdString() && m_error->isHidden()) {
        return;
    }
    std::erase_if(m_changes, [&](const auto& change) { return change.name == name; });
    m_changes.push_back({name, value.toStdString()});
    m_lastSet = name;
    ask();
}

void RecipeDialog::forget(const std::string& name) {
    std::erase_if(m_changes, [&](const auto& change) { return change.name == name; });
    ask();
}

} // namespace depthscope::panels

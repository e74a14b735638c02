// SPDX-License-Identifier: MIT
#include "widgets/panels/choice_accessible.h"

#include "widgets/panels/controls.h"

#include <QAbstractItemView>
#include <QAccessible>
#include <QAccessibleWidget>
#include <QStringList>

namespace depthscope::panels {

namespace {

class ChoiceAccessible final : public QAccessibleWidget {
public:
    explicit ChoiceAccessible(ChoiceBox* box)
        : QAccessibleWidget(box, QAccessible::ComboBox) {}

    [[nodiscard]] QString text(QAccessible::Text which) const override {
        return which == QAccessible::Value ? box().currentText() : QAccessibleWidget::text(which);
    }

    [[nodiscard]] QAccessible::State state() const override {
        QAccessible::State now = QAccessibleWidget::state();
        now.expandable = true;
        now.expanded = box().view()->isVisible();
        now.hasPopup = true;
        return now;
    }

    [[nodiscard]] int childCount() const override { return 1; }

    [[nodiscard]] QAccessibleInterface* child(int index) const override {
        return index == 0 ? QAccessible::queryAccessibleInterface(box().view()) : nullptr;
    }

    [[nodiscard]] int indexOfChild(const QAccessibleInterface* child) const override {
        return child != nullptr && child->object() == box().view() ? 0 : -1;
    }

    [[nodiscard]] QStringList actionNames() const override {
        return {showMenuAction(), pressAction()};
    }

    void doAction(const QString& action) override {
        if (action != showMenuAction() && action != pressAction()) {
            QAccessibleWidget::doAction(action);
        } else if (box().view()->isVisible()) {
            box().hidePopup();
        } else {
            box().showPopup();
        }
    }

private:
    [[nodiscard]] ChoiceBox& box() const { return static_cast<ChoiceBox&>(*widget()); }
};

QAccessibleInterface* choiceAccessible(const QString& /*className*/, QObject* object) {
    auto* box = qobject_cast<ChoiceBox*>(object);
    return box != nullptr ? new ChoiceAccessible(box) : nullptr;
}

} // namespace

void installChoiceAccessible() {
    QAccessible::installFactory(choiceAccessible);
}

} // namespace depthscope::panels

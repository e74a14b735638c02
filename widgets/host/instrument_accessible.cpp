// SPDX-License-Identifier: MIT
#include "widgets/host/instrument_accessible.h"

#include "widgets/host/instrument_host.h"

#include <QAccessible>
#include <QAccessibleWidget>

namespace depthscope::host {

namespace {

class InstrumentAccessible final : public QAccessibleWidget {
public:
    explicit InstrumentAccessible(InstrumentHost* host)
        : QAccessibleWidget(host, QAccessible::Chart)
        , m_host(*host) {}

    [[nodiscard]] QString text(QAccessible::Text which) const override {
        switch (which) {
        case QAccessible::Value:
            return QString::fromStdString(m_host.valueAtCursor());
        case QAccessible::Description: // of now, also before it is painted
            return QString::fromStdString(m_host.scene().summary);
        default:
            return QAccessibleWidget::text(which);
        }
    }

    /// The canvas within is a part of the picture.
    [[nodiscard]] int childCount() const override { return 0; }

    [[nodiscard]] QAccessibleInterface* child(int /*index*/) const override { return nullptr; }

private:
    InstrumentHost& m_host;
};

QAccessibleInterface* instrumentAccessible(const QString& /*className*/, QObject* object) {
    auto* host = qobject_cast<InstrumentHost*>(object);
    return host != nullptr ? new InstrumentAccessible(host) : nullptr;
}

} // namespace

void installInstrumentAccessible() {
    QAccessible::installFactory(instrumentAccessible);
}

} // namespace depthscope::host

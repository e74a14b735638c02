// SPDX-License-Identifier: MIT
// The one place for errors: they stay until dismissed. GUI thread.
#pragma once

#include <QFrame>
#include <QString>
#include <deque>

class QLabel;
class QToolButton;

namespace depthscope::scene {
struct Theme;
}

namespace depthscope::panels {

class Banner : public QFrame {
    Q_OBJECT

public:
    explicit Banner(QWidget* parent = nullptr);

    void showError(const QString& title, const QString& message, const QString& hint);
    void setTheme(const scene::Theme& theme);
    /// Title and message of what is shown; empty: nothing.
    [[nodiscard]] QString text() const;
    /// Removes the messages with this title.
    void retract(const QString& title);

public Q_SLOTS:
    void dismiss();

Q_SIGNALS:
    /// There is something to show, or nothing any more.
    void shown(bool visible);

protected:
    bool event(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Item {
        QString title;
        QString message;
        QString hint;
    };

    void present();
    void fit();

    std::deque<Item> m_items; ///< newest first
    QFrame* m_edge = nullptr;
    QLabel* m_text = nullptr;
    QToolButton* m_close = nullptr;
};

} // namespace depthscope::panels

"""The smallest network that needs a hidden layer: exclusive or."""

import numpy as np

import nn

x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([[0.0], [1.0], [1.0], [0.0]])

network = nn.Sequential(nn.Linear(2, 8, rng=0), nn.Tanh(), nn.Linear(8, 1, rng=1))
trainer = nn.Trainer(network, nn.BCEWithLogitsLoss(), nn.Adam(network.parameters(), learning_rate=0.05))
trainer.fit(x, y, epochs=200, batch_size=4)

for row, p in zip(x, nn.functional.sigmoid(network(x)).data[:, 0], strict=True):
    print(f"{row[0]:.0f} xor {row[1]:.0f}: {p:.2f}")

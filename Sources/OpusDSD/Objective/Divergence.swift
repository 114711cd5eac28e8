import Torch

/// Kullback-Leibler divergence of the posterior N(mu, sigma^2) from N(0, 1), summed over the code, mean
/// over the batch
/// (paper, Methods; METHOD 3.2 with its constant).
public func kullbackLeibler(mean mu: Tensor, logSigma: Tensor) -> Tensor {
    let perDimension = 0.5 * ((2 * logSigma).exp() + mu.square()) - logSigma - 0.5
    return perDimension.sum([1]).mean()
}

/// z = mu + sigma * epsilon, epsilon standard normal.
public func reparameterized(mean mu: Tensor, logSigma: Tensor, noise: Tensor) -> Tensor {
    mu + logSigma.exp() * noise
}

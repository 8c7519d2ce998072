"""What `pipeline.train` trains with: the loop, its batches and loss, adversarial training, the learning rate finder."""

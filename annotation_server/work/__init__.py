"""What people look at to steer their work: my queue and the project dashboard."""

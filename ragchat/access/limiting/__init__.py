"""What is too much: questions in a time, tokens in a day, answers at once. How a refusal looks is the faces'
business."""

"""Operations of the SageMaker API with their parameters and results."""
